import json
import threading
from functools import cache
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from tests.support.moto_interpreter import REGION, Interpreter, Lambdas

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def definition():
    return json.loads((ROOT / "definitions/rollout.asl.json").read_text())


@pytest.fixture(scope="module")
def interpreter():
    lambdas = Lambdas()
    thread = threading.Thread(target=lambdas.serve_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
            client = boto3.client("lambda", region_name=REGION, endpoint_url=lambdas.address)
            patch.setattr(lambda_eval_utils, "boto_client_for", lambda **_: client)
            # moto reads a definition anew for each execution, and makes a client for each
            # call: most of a walk's time. Neither is changed by a walk.
            read_once = staticmethod(cache(AmazonStateLanguageParser.parse))
            patch.setattr(AmazonStateLanguageParser, "parse", read_once)
            yield Interpreter(lambdas)
    lambdas.shutdown()
    lambdas.server_close()
    thread.join()
