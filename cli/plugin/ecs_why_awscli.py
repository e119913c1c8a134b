"""`aws ecs why` and `aws why`: hands the line on to `ecs-why`. Written by `ecs-why plugin install`, removed by `ecs-why plugin uninstall`.

The AWS CLI (v1 and v2) imports this file before *every* command of its user. So nothing is imported here that could be missing, nothing
is done at import, what fails in a hook stays in it, and the syntax is one that any Python reads.
"""

import os
import sys

# Exit codes of our own; all others are those of ecs-why. 252 is what the AWS CLI has for a line that it cannot accept.
REFUSED = 252
NOT_FOUND = 127

# Global options of the AWS CLI by the name of their value: what stands there when nothing was typed.
UNTYPED = {
    "ca_bundle": None,
    "cli_auto_prompt": False,
    "cli_binary_format": None,
    "color": "auto",
    "connect_timeout": None,
    "debug": False,
    "endpoint_url": None,
    "no_cli_auto_prompt": False,
    "no_cli_pager": False,
    "output": None,
    "paginate": True,
    "profile": None,
    "query": None,
    "read_timeout": None,
    "region": None,
    "sign_request": True,
    "v2_debug": False,
    "verify_ssl": True,
}

# Options with a value that ecs-why has by the same name.
HANDED_ON = [
    ("profile", "--profile"),
    ("region", "--region"),
    ("endpoint_url", "--endpoint-url"),
    ("ca_bundle", "--ca-bundle"),
    ("read_timeout", "--cli-read-timeout"),
    ("connect_timeout", "--cli-connect-timeout"),
]

# What the CLI itself has seen to when a command runs, or what we see to below.
DONE_ELSEWHERE = {
    "cli_auto_prompt",
    "color",
    "debug",
    "no_cli_auto_prompt",
    "no_cli_pager",
    "output",
    "query",
    "v2_debug",
    "verify_ssl",
}

# Options that would have to be ignored.
MEANINGLESS = {
    "paginate": "--no-paginate would judge by the first page of an answer: leave it away",
    "sign_request": "--no-sign-request does not go with it, since ECS answers signed requests only: leave it away",
    "cli_binary_format": "--cli-binary-format does not go with it, since it takes no binary value: leave it away",
}


def awscli_initialize(event_hooks):
    """Called by the AWS CLI, once for each of its drivers."""
    line = Line()
    try:
        event_hooks.register_first("top-level-args-parsed", line.parsed)
        event_hooks.register("building-command-table.ecs", line.add)
        event_hooks.register("building-command-table.main", line.add)
    except Exception as error:  # what it is must not matter to any other command
        if "why" in sys.argv:
            say("aws why", "this AWS CLI takes no such plug-in (%s): call ecs-why itself" % one_line(error))


class Line(object):
    """What was typed, before the CLI puts its defaults and its configuration in."""

    def __init__(self):
        self.typed = {}

    def parsed(self, parsed_args=None, **kwargs):
        """The global options; called again for those of an alias, which come on top."""
        try:
            for name, value in vars(parsed_args).items():
                if name != "command" and value != UNTYPED.get(name):
                    self.typed[name] = value
        except Exception:
            pass

    def add(self, command_table=None, session=None, **kwargs):
        """Puts `why` among the commands; a stand-in that says so, if this CLI is not made as we know it."""
        try:
            if "why" not in command_table:
                command_table["why"] = command(self, session)
        except Exception as error:
            if command_table is not None:
                command_table["why"] = Broken(error)


class Broken(object):
    """Stands where the command would."""

    def __init__(self, error):
        self.name = "why"
        self.lineage = [self]
        self.lineage_names = ["why"]
        self.error = error

    def __call__(self, args, parsed_globals):
        say("aws why", "this AWS CLI takes no such plug-in (%s): call ecs-why itself" % one_line(self.error))
        return REFUSED

    def create_help_command(self):
        return self


def command(line, session):
    """The command, as the CLI has its own."""
    from awscli.customizations.commands import BasicCommand

    class Why(BasicCommand):
        NAME = "why"
        DESCRIPTION = DESCRIPTION
        EXAMPLES = EXAMPLES
        ARG_TABLE = [
            dict(name="target", positional_arg=True, nargs="?", synopsis="[<target>]", help_text=TARGET)
        ] + [dict(name=name, help_text=text, action=action) for name, action, text in OPTIONS]

        def __call__(self, args, parsed_globals):
            if args == ["help"]:
                self._display_help(None, parsed_globals)
                return 0
            return run(self, list(args), parsed_globals, line.typed)

    return Why(session)


def run(why, args, parsed_globals, typed):
    """Hands the line on. What it cannot mean is refused."""
    name = "aws " + " ".join(part.name for part in why.lineage)
    session = why._session
    try:
        refusal = refused(args, typed, session)
    except Exception as error:
        refusal = "the global options cannot be read in this AWS CLI (%s): call ecs-why itself" % one_line(error)
    if refusal:
        say(name, refusal)
        return REFUSED
    found = binary()
    if found is None:
        recorded = receipt().get("binary")
        where = "neither at %s nor on PATH" % recorded if recorded else "not on PATH"
        say(name, "ecs-why is %s: put it there, or install it anew and run `ecs-why plugin install`" % where)
        return NOT_FOUND
    line = [found] + options(typed)
    try:
        if "output" in typed or "query" in typed:
            return formatted(name, session, line + ["--output", "json"] + args, parsed_globals, typed)
        code, _ = call(line + args, environment(session, typed), None)
        return code
    except OSError as error:
        say(name, "ecs-why cannot be started: %s; `ecs-why plugin status` tells more" % one_line(error))
        return NOT_FOUND


def refused(args, typed, session):
    """Why the line cannot be handed on, if so."""
    for option in sorted(typed):
        if option in MEANINGLESS:
            return MEANINGLESS[option]
        known = option in DONE_ELSEWHERE or option in [known for known, _ in HANDED_ON]
        if not known and typed[option] != untyped(option, session):
            return "--%s does not go with it: leave it away" % option.replace("_", "-")
    if "output" in typed or "query" in typed:
        own = before_dashes(args)
        form = [arg for arg in own if arg.split("=")[0] == "--as" or arg.startswith("-o")]
        if form:
            asked = "--output" if "output" in typed else "--query"
            return "%s and %s both say how the report shall look: leave one away" % (form[0], asked)
        if "--batch" in own:
            return "--batch prints many reports: leave --output and --query away"
    return None


def before_dashes(args):
    return args[: args.index("--")] if "--" in args else args


def untyped(option, session):
    """What an option has that was not typed and that we do not know: newer versions of the CLI have more of them."""
    for name, about in session.get_data("cli").get("options", {}).items():
        if about.get("dest", name.replace("-", "_")) == option:
            by_action = {"store_true": False, "store_false": True}.get(about.get("action"))
            return about.get("default", by_action)
    return None


def options(typed):
    """The global options as ecs-why has them. They go before all others: with ecs-why, what stands behind wins."""
    handed = []
    for name, option in HANDED_ON:
        if name in typed:
            handed += [option, str(typed[name])]
    if typed.get("verify_ssl") is False:
        handed.append("--no-verify-ssl")
    if typed.get("debug"):
        handed.append("--debug")
    if "color" in typed:
        handed += ["--color", {"on": "always", "off": "never"}.get(typed["color"], typed["color"])]
    return handed


def environment(session, typed):
    """What ecs-why would not read as this CLI does."""
    env = dict(os.environ)
    env.pop("ECS_WHY_CALLED_BY", None)
    # The official v2 brings its own libraries along, which are not for others.
    if "LD_LIBRARY_PATH_ORIG" in env:
        env["LD_LIBRARY_PATH"] = env.pop("LD_LIBRARY_PATH_ORIG")
    elif getattr(sys, "frozen", False):
        env.pop("LD_LIBRARY_PATH", None)
    # Botocore prefers this older name of AWS_PROFILE.
    if env.get("AWS_DEFAULT_PROFILE"):
        env["AWS_PROFILE"] = env["AWS_DEFAULT_PROFILE"]
    try:
        profile = session.get_scoped_config()
    except Exception:
        profile = {}  # there is no such profile, which ecs-why says where it matters
    # v1 does not look at AWS_REGION.
    if version() == "1":
        region = env.get("AWS_DEFAULT_REGION") or profile.get("region")
        if region:
            env["AWS_REGION"] = region
    if typed.get("no_cli_pager"):
        env["AWS_PAGER"] = ""
    elif "cli_pager" in profile:
        env.setdefault("AWS_PAGER", profile["cli_pager"])
    return env


def version():
    from awscli import __version__

    return __version__.split(".")[0]


def formatted(name, session, line, parsed_globals, typed):
    """The report through the CLI's own formatter, as all its commands have it."""
    import json

    from awscli.formatter import get_formatter

    code, text = call(line, environment(session, typed), "pipe")
    if not text.strip():
        return code
    try:
        report = json.loads(text.decode("utf-8"))
    except ValueError:
        say(name, "what this prints is no JSON: leave --output and --query away")
        return code or REFUSED
    output = parsed_globals.output or session.get_config_variable("output")
    formatter = get_formatter(output, parsed_globals)
    with stream(session) as out:
        formatter("why", report, out)
    return code


def stream(session):
    """Where the CLI prints: v2 has a pager, v1 has none."""
    try:
        from awscli.utils import OutputStreamFactory

        return OutputStreamFactory(session).get_output_stream()
    except Exception:
        return Plain()


class Plain(object):
    """Leaves the choice of the stream to the formatter."""

    def __enter__(self):
        return None

    def __exit__(self, *error):
        return False


def call(line, env, stdout):
    """Runs it to its end; the exit code as a shell has it, and what was printed if that is wanted."""
    import signal
    import subprocess

    children, before = [], {}

    def pass_on(number, frame):
        # Ctrl-C reaches the child by itself, and how it ends is its business. An exception here could lose its exit code.
        if number != signal.SIGINT:
            for child in children:
                child.send_signal(number)

    for number in [getattr(signal, wanted, None) for wanted in ("SIGINT", "SIGTERM", "SIGHUP")]:
        try:
            # What is ignored (nohup) stays so, here and in the child; a handler of ours is not inherited.
            if signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, pass_on)
        except (TypeError, ValueError):
            pass  # not on this system, or not the main thread
    try:
        children.append(subprocess.Popen(line, env=env, stdout=subprocess.PIPE if stdout else None))
        text = children[0].communicate()[0] or b""
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    code = children[0].returncode
    return (128 - code if code < 0 else code), text


def receipt():
    """What `ecs-why plugin install` wrote down."""
    import json

    try:
        with open(os.path.join(os.path.expanduser("~"), ".aws", "cli", "ecs-why", "receipt.json"), "rb") as kept:
            return json.loads(kept.read().decode("utf-8"))
    except Exception:
        return {}


def binary():
    """Where ecs-why is: where it was at the installation, else on PATH."""
    recorded = receipt().get("binary")
    if recorded and os.path.isfile(recorded) and os.access(recorded, os.X_OK):
        return recorded
    from shutil import which

    return which("ecs-why")


def one_line(error):
    return " ".join(("%s: %s" % (type(error).__name__, error)).split())


def say(name, text):
    sys.stderr.write("%s: %s\n" % (name, text))


DESCRIPTION = """
Tells why a task of Amazon ECS stopped, or does not start: the cause with its evidence, a fix that was proved against the account, and
what was ruled out. It only reads.

This command is **ecs-why**, which is no part of the AWS CLI. ``--profile``, ``--region``, ``--endpoint-url``, ``--ca-bundle``,
``--no-verify-ssl``, ``--cli-read-timeout``, ``--cli-connect-timeout``, ``--debug`` and ``--color`` mean what they mean in every command
of the AWS CLI. With ``--output`` or ``--query`` on the line the report comes as data in that form; without them it is for people,
whatever the profile says.

In place of a target may stand ``check`` (would it start?), ``triage`` (all that fails in clusters), ``explain`` (a stop reason alone),
``causes``, ``permissions``, ``demo`` or ``plugin``; ``aws ecs why COMMAND --help`` tells their options.
"""

TARGET = (
    "<p>A task (ARN, <code>CLUSTER/TASK-ID</code>), a service (<code>CLUSTER/SERVICE</code>), or a link to the ECS console. Without "
    "one: what failed in the last hour, to choose from.</p>"
)

OPTIONS = [
    ("cluster", None, "<p>The cluster of a task or service that is named without one.</p>"),
    ("as", None, "<p>The form of the report: <code>report</code>, <code>json</code> or <code>markdown</code>.</p>"),
    ("verbose", "store_true", "<p>All of the report instead of what matters most.</p>"),
    ("no-logs", "store_true", "<p>Do not read the last log lines of the guilty container.</p>"),
    ("save-evidence", None, "<p>A file to keep what was read, to make the same report later.</p>"),
    ("evidence", None, "<p>Report from such a file and ask AWS nothing.</p>"),
    ("since", None, "<p>Say what has changed since a report that was kept as JSON.</p>"),
    ("config", None, "<p>A file with house rules for fixes.</p>"),
]

EXAMPLES = """
The last failure of a service::

  aws ecs why prod/payments --profile prod --region eu-west-1

Would it start? ::

  aws ecs why check prod/payments

All that fails in a cluster, grouped by cause::

  aws ecs why triage prod

The causes alone, for a script::

  aws ecs why prod/payments --query 'causes[].id' --output text

A stop reason alone, without asking AWS::

  aws ecs why explain "CannotPullContainerError: ..."
"""
