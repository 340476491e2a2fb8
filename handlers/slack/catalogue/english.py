"""What people press, in English."""


class English:
    """One method a text, as `Texts` declares them."""

    def approve(self, color: str, /) -> str:
        return f"Approve {color}"

    def reject(self) -> str:
        return "Reject …"

    def go_on(self) -> str:
        return "Go on"

    def look_again(self) -> str:
        return "Look again"

    def roll_back_because(self) -> str:
        return "Roll back …"

    def roll_back(self) -> str:
        return "Roll back"

    def roll_back_now(self) -> str:
        return "Roll back now"

    def withdraw(self) -> str:
        return "Withdraw"

    def roll_back_now_title(self) -> str:
        return "Roll back now?"

    def roll_back_title(self) -> str:
        return "Roll back?"

    def roll_back_text(self, colors: str, /) -> str:
        return f"{colors} will be put back."

    def withdraw_title(self) -> str:
        return "Withdraw?"

    def withdraw_text(self) -> str:
        return "Nothing was changed yet."

    def leave(self) -> str:
        return "Go back"

    def reject_dialog_title(self, color: str, /) -> str:
        return f"Reject {color}"

    def reject_dialog_submit(self) -> str:
        return "Reject"

    def roll_back_dialog_title(self, color: str, /) -> str:
        return f"Roll back {color}"

    def not_deployed(self, release: str, color: str, /) -> str:
        return f"{release} will not go to {color}, and the rollout ends."

    def not_kept(self, release: str, color: str, /) -> str:
        return f"{release} does not stay on {color}, and the rollout ends."

    def goes_back(self, color: str, revision: str, /) -> str:
        return f"*{color}* goes back to {revision}."

    def nothing_goes_back(self) -> str:
        return "No color was changed yet, so nothing needs to go back."

    def why_label(self) -> str:
        return "Why?"

    def why_placeholder(self) -> str:
        return "What did you see?"
