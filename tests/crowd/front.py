"""The account over HTTP: ECS is answered here, and moto, in this process, answers what else is asked. It counts, waits and throttles."""

import io
import json
import threading
import time
import traceback
import urllib.parse
from collections import Counter
from datetime import datetime, timedelta, timezone

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

import day
from answers import Refusal
from ecs import Ecs
from resources import ACCOUNT, REGION
from tasks import number_of

# The protocol of a service decides how it spells an error; the others speak JSON.
QUERY = {"autoscaling", "cloudformation", "elasticloadbalancing", "iam", "monitoring", "sns", "sts"}
REST_JSON = {"elasticfilesystem", "lambda", "scheduler"}
# How a service says that it is asked too often.
TOO_OFTEN = {"ec2": (503, "RequestLimitExceeded"), "s3": (503, "SlowDown"), **dict.fromkeys(QUERY | {"route53"}, (400, "Throttling"))}
SERVED_BY_MOTO = ("cloudtrail", "ec2", "ecr", "iam", "kms", "logs", "route53", "s3", "secretsmanager", "ssm", "sts")


class Front:
    """A WSGI application."""

    def __init__(self, latency: float, throttle: tuple[int, int]):
        self.latency, self.throttle = latency, throttle
        self.moto = DomainDispatcherApplication(create_backend_app)
        # While the account is made there is no ECS, nothing is counted and nothing throttled.
        self.ecs: Ecs | None = None
        self._lock, self._asked = threading.Lock(), 0
        self.answered, self.throttled = Counter(), Counter()

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path in ("/_stats", "/_reset", "/_expected"):
            status, kind, body = 200, "application/json", json.dumps(self._page(path, environ["QUERY_STRING"])).encode()
            headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        else:
            status, headers, body = self._request(environ)
        start_response(f"{status} {'OK' if status < 300 else 'Error'}", headers)
        return [body]

    def _request(self, environ):
        body = read(environ)
        service, action = identify(environ, body)
        if self.ecs is None:
            return self._moto(environ, body)
        if self.latency:
            time.sleep(self.latency)
        if self._is_throttled(f"{service}:{action}"):
            status, code = TOO_OFTEN.get(service, (400, "ThrottlingException"))
            return error(service, status, code, "Rate exceeded")
        try:
            if service == "ecs" and self.ecs.knows(action):
                return ok(self.ecs.answer(action, json.loads(body or b"{}")))
            if (service, action) == ("cloudtrail", "LookupEvents"):
                return ok(json.dumps(self._trail(json.loads(body))).encode())
            if (service, action) == ("logs", "GetLogEvents"):
                return ok(json.dumps(self._log_events(json.loads(body))).encode())
            if (service, action) == ("ecr", "DescribePullThroughCacheRules"):
                return ok(b'{"pullThroughCacheRules":[]}')
            if (service, action) == ("iam", "SimulatePrincipalPolicy"):
                user = f"arn:aws:iam::{ACCOUNT}:user/reader"
                raise Refusal("AccessDenied", f"User: {user} is not authorized to perform: iam:SimulatePrincipalPolicy")
            return self._moto(environ, body)
        except Refusal as refusal:
            return error(service, 403 if refusal.name == "AccessDenied" else 400, refusal.name, refusal.message)
        except NotImplementedError:
            return error(service, 400, "InvalidAction", f"The action {action} is not valid here.")
        except Exception:
            traceback.print_exc()
            return error(service, 500, "InternalFailure", "The stand-in failed; its standard error says how.")

    def _is_throttled(self, name: str) -> bool:
        """By count alone, so that the same run is throttled the same: of ten with three it is the 1st, the 4th and the 7th."""
        some, of = self.throttle
        with self._lock:
            place = self._asked % of
            self._asked += 1
            throttled = (place * some + some // 2 + 1) % of < some if some else False
            (self.throttled if throttled else self.answered)[name] += 1
        return throttled

    def _moto(self, environ, body: bytes):
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        taken = {}

        def start_response(status, headers, _=None):
            taken.update(status=int(status.split()[0]), headers=headers)

        answer = b"".join(self.moto(environ, start_response))
        return taken["status"], taken["headers"], answer

    def _trail(self, asked: dict) -> dict:
        """Who took the right to read the secrets from the roles."""
        wanted = {one["AttributeKey"]: one["AttributeValue"] for one in asked.get("LookupAttributes") or []}
        roles = sorted({work.execution_role for work in day.SERVICES + day.JOBS if work.secret})
        name = "DeleteRolePolicy"
        events = [
            {
                "EventId": f"00000000-0000-4000-a000-{place:012x}", "EventName": name, "EventSource": "iam.amazonaws.com",
                "EventTime": self.ecs.now - day.RIGHT_REMOVED, "ReadOnly": "false", "Username": "terraform",
                "Resources": [{"ResourceType": "AWS::IAM::Role", "ResourceName": role}],
                "CloudTrailEvent": json.dumps({"eventName": name, "requestParameters": {"roleName": role, "policyName": "secrets"}}),
            }
            for place, role in enumerate(roles)
            if wanted.get("ResourceName", role) == role and wanted.get("EventName", name) == name
        ]  # fmt: skip
        return {"Events": events if set(wanted) <= {"ResourceName", "EventName"} else []}

    def _log_events(self, asked: dict) -> dict:
        group = (asked.get("logGroupName") or asked.get("logGroupIdentifier") or "").split(":log-group:")[-1]
        stream = asked.get("logStreamName") or ""
        number = number_of(stream.split("/")[-1])
        crowd = self.ecs.crowd
        if number is None or number >= crowd.count or crowd.cohort(number).reached != day.RUN:
            raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
        work = crowd.cohort(number).work
        if work.log_group != group or stream.split("/")[0] != work.name:
            raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
        ended = int(crowd.stopped_at(number) * 1000) - 30_000
        lines = crowd.log_lines(number)
        events = [
            {"timestamp": ended + place - len(lines), "ingestionTime": ended + 500, "message": line} for place, line in enumerate(lines)
        ]
        token = "/again" if asked.get("nextToken") else "/1"
        return {"events": [] if asked.get("nextToken") else events, "nextForwardToken": f"f{token}", "nextBackwardToken": f"b{token}"}

    # ------------------------------------------------------------------------------ pages of our own

    def _page(self, path: str, query: str) -> dict:
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
        if path == "/_expected":
            return expected(self.ecs, asked)
        with self._lock:
            if path == "/_reset":
                self._asked = 0
                self.answered.clear()
                self.throttled.clear()
            return {
                "requests": self._asked,
                "throttled": sum(self.throttled.values()),
                "pages_needed": pages_needed(self.ecs),
                "answered_by_action": dict(self.answered.most_common()),
                "throttled_by_action": dict(self.throttled.most_common()),
            }


def pages_needed(ecs: Ecs) -> int:
    """The least requests with which all tasks can be listed and described, a hundred at a time."""
    total = 0
    for cluster in ecs.clusters:
        stopped = len(ecs.crowd.numbers(lambda cohort, cluster=cluster: cohort.cluster == cluster))
        present = sum(f":task/{cluster}/" in arn for arn in ecs.present.tasks)
        total += sum(max(1, -(-count // 100)) + -(-count // 100) for count in (stopped, present))
    return total


def groups(ecs: Ecs) -> list[dict]:
    """What is right: tasks of one cohort have this first cause, and nothing of another service or family is in their group."""
    described = [
        {"cause": one.cause, "owner": one.work.group, "cluster": one.cluster, "deliberate": one.is_deliberate, "weight": one.weight}
        for one in ecs.crowd.cohorts
    ]
    hanging = sorted({work.name: work for work in ecs.present.hanging.values()}.items())
    described += [{"cause": work.cause, "owner": work.group, "deliberate": False, "hanging": True} for _, work in hanging]
    return described


def expected(ecs: Ecs, asked: dict) -> dict:
    """Of one task, or of many by number: the place of what is right in the list that was printed at the start."""
    crowd = ecs.crowd
    names = sorted({work.name for work in ecs.present.hanging.values()})
    hanging = {arn: len(crowd.cohorts) + names.index(work.name) for arn, work in ecs.present.hanging.items()}
    if task := asked.get("task"):
        number = crowd.find(*task.split("/")[-2:])
        place = hanging.get(task) if number is None else crowd.slots[number % day.BLOCK]
        return {task: place}
    first, count = int(asked.get("first", 0)), int(asked.get("count", 10_000))
    numbers = range(first, min(first + count, crowd.count))
    return {crowd.arn(number): crowd.slots[number % day.BLOCK] for number in numbers} | (hanging if first == 0 else {})


def read(environ) -> bytes:
    if environ.get("wsgi.input_terminated"):
        return environ["wsgi.input"].read()
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def identify(environ, body: bytes) -> tuple[str, str]:
    """The service, as it is signed for, and the action."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0].split("/")
    service = scope[3] if len(scope) > 3 else "?"
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return service, target.split(".")[-1]
    if service in QUERY or service == "ec2":
        return service, urllib.parse.parse_qs(body.decode(errors="replace")).get("Action", ["?"])[0]
    return service, f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def ok(body: bytes):
    return 200, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))], body


def error(service: str, status: int, code: str, message: str):
    said = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "ec2":
        kind, text = "text/xml", f"<Response><Errors><Error>{said}</Error></Errors><RequestID>r</RequestID></Response>"
    elif service in QUERY or service == "route53":
        kind, text = "text/xml", f"<ErrorResponse><Error><Type>Sender</Type>{said}</Error><RequestId>r</RequestId></ErrorResponse>"
    elif service == "s3":
        kind, text = "application/xml", f"<Error>{said}<RequestId>r</RequestId></Error>"
    else:
        kind, text = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    headers = [("Content-Type", kind), ("Content-Length", str(len(text.encode())))]
    if service in REST_JSON:
        headers.append(("x-amzn-ErrorType", code))
    return status, headers, text.encode()


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept
    disable_nagle_algorithm = True

    def log(self, *_):
        """Nobody reads it."""


def listen(front: Front, port: int):
    """A server that answers in the background."""
    for service in SERVED_BY_MOTO:  # moto's applications are made now, and not while somebody takes the time
        scope = f"AWS4-HMAC-SHA256 Credential=x/20260101/{REGION}/{service}/aws4_request, x"
        front.moto.get_application({"PATH_INFO": "/", "HTTP_AUTHORIZATION": scope, "HTTP_HOST": "127.0.0.1"})
    server = make_server("127.0.0.1", port, front, threaded=True, request_handler=Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def date_back():
    """What moto has made now is older: else it would all be younger than the tasks that stopped for it."""
    before = datetime.now(timezone.utc) - timedelta(days=100)
    iam = get_backend("iam")[ACCOUNT]["aws"]
    for thing in [*iam.roles.values(), *iam.managed_policies.values()]:
        thing.create_date = before
    for repository in get_backend("ecr")[ACCOUNT][REGION].repositories.values():
        repository.created_at = before
        for image in repository.images:
            image.image_pushed_at = int(before.timestamp())
    for secret in get_backend("secretsmanager")[ACCOUNT][REGION].secrets.values():
        secret.created_date = secret.last_changed_date = int(before.timestamp())
    for group in get_backend("logs")[ACCOUNT][REGION].groups.values():
        group.creation_time = int(before.timestamp() * 1000)
    for gateway in get_backend("ec2")[ACCOUNT][REGION].nat_gateways.values():
        gateway._created_at = before
