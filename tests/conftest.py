from hypothesis import settings

# The same examples every time and no files left behind: a red build is a defect, not bad luck.
# `pytest --hypothesis-profile thorough` looks further.
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.register_profile("thorough", max_examples=2_000, database=None, deadline=None)
settings.load_profile("steady")
