#!/usr/bin/env python3
"""`aws ecs why` in the real AWS CLIs, in an empty home each, against two accounts.

    tests/awscli/check.py BINARY --v1 FOLDER --v2 FOLDER --python PYTHON [TEST...]

BINARY is ecs-why with the live account; the folders hold an `aws` each (`.ci/run awscli` makes them); PYTHON has moto[server].
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from emulator import REFUSING  # noqa: E402
from home import Emulator, Home  # noqa: E402

given: argparse.Namespace
emulator: Emulator
tools: Path

OTHER_PLUGIN = """
import os
def awscli_initialize(hooks):
    open(os.path.join(os.path.expanduser("~"), "other-was-here"), "w").close()
"""
# What an AWS CLI of tomorrow might be like.
BREAKING_PLUGIN = """
def awscli_initialize(hooks):
    import awscli.customizations.commands as commands
    del commands.BasicCommand
"""
# As people have them: comments, other plug-ins, indentation, no line end.
FOREIGN_ALIAS = "# mine\n[toplevel]\nwhoami = sts get-caller-identity\n; the end"


class Case(unittest.TestCase):
    clis: list[str] = []

    def setUp(self) -> None:
        self.home = Home(given.binary, [getattr(given, cli) for cli in self.clis], tools)
        self.addCleanup(self.home.close)

    def first(self, done: subprocess.CompletedProcess) -> str:
        return f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"

    def one_line(self, done: subprocess.CompletedProcess, code: int, *words: str) -> None:
        self.assertEqual(done.returncode, code, self.first(done))
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def one_refusal(self, done: subprocess.CompletedProcess) -> None:
        """By the CLI itself: its versions differ in the code."""
        self.assertIn(done.returncode, (2, 252, 255), self.first(done))
        self.assertEqual(done.stdout, "")

    def sentence(self, done: subprocess.CompletedProcess, code: int, *words: str) -> None:
        self.assertEqual(done.returncode, code, self.first(done))
        said = " ".join(done.stderr.split())
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, said)


class Plugin:
    """Where one version is alone on PATH."""

    commands = (["ecs", "why"], ["why"])

    def installed(self, more: str = "", **default: str) -> Home:
        self.home.write_config(emulator, more, **default)
        self.home.install()
        return self.home

    def test_the_right_account_is_asked_wherever_the_options_stand(self):
        home = self.installed(region="eu-north-1")
        emulator.asked()
        for command in self.commands:
            for at in range(len(command) + 2):
                words = [*command, "prod/web"]
                words[at:at] = ["--profile", "two"]
                done = home.run("aws", *words)
                self.assertEqual(emulator.asked(), {("two", "us-west-2")}, f"{words} {self.first(done)}")
                self.assertIn("222222222222", done.stdout)
        done = home.run("aws", "--profile=one", "ecs", "--region", "us-west-2", "why", f"--endpoint-url={emulator.url}", "prod/web")
        self.assertEqual(emulator.asked(), {("one", "us-west-2")}, self.first(done))
        self.assertEqual(done.returncode, 4, self.first(done))

    def test_what_is_configured_counts_as_in_aws(self):
        home = self.installed(region="eu-north-1")
        keys = {name.upper(): value for name, value in emulator.profiles["one"].items()}
        emulator.asked()
        done = home.run("aws", "ecs", "why", "prod/web", "--profile", "two", env=keys)
        self.assertEqual(emulator.asked(), {("two", "us-west-2")}, "keys in the environment win over --profile: " + self.first(done))
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            done = home.run("aws", "ecs", "why", "prod/web", env={name: "two"})
            self.assertEqual(emulator.asked(), {("two", "us-west-2")}, f"{name}: {self.first(done)}")
        region = {"AWS_PROFILE": "two", "AWS_DEFAULT_REGION": "eu-west-3"}
        home.run("aws", "ecs", "why", "prod/web", env=region)
        ours = emulator.asked()
        home.run("aws", "ecs", "list-clusters", "--endpoint-url", emulator.url, env=region)
        self.assertEqual(ours, emulator.asked(), "AWS_DEFAULT_REGION")
        region["AWS_REGION"] = "eu-central-1"
        home.run("aws", "ecs", "why", "prod/web", env=region)
        ours = emulator.asked()
        home.run("aws", "ecs", "list-clusters", "--endpoint-url", emulator.url, env=region)
        self.assertEqual(ours, emulator.asked(), "AWS_REGION and AWS_DEFAULT_REGION")

    def test_every_global_option_arrives(self):
        home = self.installed(region="eu-north-1")
        home.fake()
        typed = "--endpoint-url http://x --ca-bundle /f --no-verify-ssl --cli-read-timeout 0 --cli-connect-timeout 7 --color on".split()
        for command in self.commands:
            words = home.arrived("aws", *typed[:2], *command, "check", *typed[2:], "web", "--cluster", "a b", "--", "--profile")
            pairs = {"--endpoint-url": "http://x", "--ca-bundle": "/f", "--cli-read-timeout": "0", "--cli-connect-timeout": "7"}
            for option, value in {**pairs, "--color": "always"}.items():
                self.assertEqual(words[words.index(option) + 1], value, words)
            self.assertIn("--no-verify-ssl", words)
            self.assertEqual(words[-6:], ["check", "web", "--cluster", "a b", "--", "--profile"])
        self.assertEqual(home.arrived("aws", "ecs", "why", "x", "--debug", "--prof", "one"), ["--profile", "one", "--debug", "x"])
        self.assertEqual(home.arrived("aws", "ecs", "why"), [])
        home.arrived("aws", "ecs", "why", env={"AWS_PAGER": None})
        self.assertNotIn("AWS_PAGER", home.arrived_env())

    def test_an_alias_of_the_persons_own_brings_its_options(self):
        home = self.installed(region="eu-north-1")
        home.alias.parent.mkdir(exist_ok=True)
        home.alias.write_text("[toplevel]\nw = ecs why --region us-west-2\n")
        home.fake()
        self.assertEqual(home.arrived("aws", "w", "prod/web"), ["--region", "us-west-2", "prod/web"])

    def test_what_would_be_ignored_is_refused(self):
        home = self.installed(region="eu-north-1")
        for words in (["--no-paginate"], ["--no-sign-request"], *self.more_refused):
            done = home.run("aws", "ecs", "why", "demo", *words)
            self.one_line(done, 252, "aws ecs why: ", words[0])
        done = home.run("aws", "why", "demo", "--as", "json", "--output", "json")
        self.one_line(done, 252, "aws why: --as and --output")
        done = home.run("aws", "ecs", "why", "explain", "--query", "x", "--batch")
        self.one_line(done, 252, "--batch")

    def test_typed_outputs_are_those_of_the_cli(self):
        home = self.installed(region="eu-north-1", output="table")
        report = json.loads(home.run(home.binary, "demo", "--output", "json").stdout)
        for command in self.commands:
            done = home.run("aws", *command, "demo", "--output", "json")
            self.assertEqual(json.loads(done.stdout), report)
            self.assertEqual(done.stdout, json.dumps(report, indent=4, ensure_ascii=False) + "\n")
            done = home.run("aws", "--output", "text", *command, "demo", "--query", "causes[].[id,status]")
            self.assertEqual(done.stdout, "".join(f"{cause['id']}\t{cause['status']}\n" for cause in report["causes"]))
        done = home.run("aws", "ecs", "why", "demo", "--output", "table")
        self.assertTrue(done.stdout.startswith("---") and "|  outcome" in done.stdout, done.stdout[:300])
        self.assertEqual(home.run("aws", "ecs", "why", "demo", "--output", "text").returncode, 0)
        for form in self.yaml:
            done = home.run("aws", "ecs", "why", "demo", "--output", form)
            self.assertRegex(done.stdout, r"\n *outcome: failed\n")
        for form in {"yaml"} - set(self.yaml):
            self.one_refusal(home.run("aws", "ecs", "why", "demo", "--output", form))
        # The form of --query alone is the configured one.
        done = home.run("aws", "ecs", "why", "demo", "--query", "causes[].{Cause: id}")
        self.assertRegex(done.stdout, r"\|\s+Cause\s+\|")
        done = home.run("aws", "ecs", "why", "demo", "--query", "outcome", env={"AWS_DEFAULT_OUTPUT": "text"})
        self.assertEqual(done.stdout, "failed\n")
        self.one_refusal(home.run("aws", "ecs", "why", "demo", "--query", "["))

    def test_a_configured_output_does_not_change_the_report(self):
        home = self.installed(region="eu-north-1", output="json")
        expected = home.run(home.binary, "demo").stdout
        self.assertIn("FAILED", expected)
        self.assertEqual(home.run("aws", "ecs", "why", "demo").stdout, expected)
        self.assertEqual(home.run("aws", "why", "demo", env={"AWS_DEFAULT_OUTPUT": "text"}).stdout, expected)
        for form in ("json", "markdown", "report"):
            expected = home.run(home.binary, "demo", "--as", form).stdout
            self.assertEqual(home.run("aws", "ecs", "why", "demo", "--as", form).stdout, expected)

    def test_errors_and_exit_codes_pass_through(self):
        home = self.installed(region="eu-north-1")
        for words, code in [
            (["prod/web", "--region", REFUSING], 5),
            (["prod/nothing"], 4),
            (["check", "prod/web"], 3),
            (["demo", "nothing"], 2),
            (["prod/web", "--endpoint-url", "http://127.0.0.1:9"], 6),
            (["--no-such-option"], 2),
        ]:
            direct = home.run(home.binary, "--profile", "one", *words)
            done = home.run("aws", "--profile", "one", "ecs", "why", *words)
            self.assertEqual((done.returncode, direct.returncode), (code, code), f"{words} {self.first(done)}")
            self.assertEqual(done.stderr, direct.stderr)
            done = home.run("aws", "--profile", "one", "ecs", "why", *words, "--output", "json")
            self.assertEqual(done.returncode, code, f"{words} {self.first(done)}")

    def test_an_interruption_is_one(self):
        home = self.installed(region="eu-north-1")
        pipe = subprocess.PIPE
        line = [shutil.which("aws", path=home.env["PATH"]), "ecs", "why", "explain"]
        how = {"stdin": pipe, "stdout": pipe, "stderr": pipe, "start_new_session": True}
        # Where these tests run in the background, the signal is ignored, and that is inherited.
        aws = subprocess.Popen(line, env=home.env, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **how)
        started = time.monotonic()
        while not running(home.binary) and time.monotonic() < started + 60:
            time.sleep(0.05)
        os.killpg(aws.pid, signal.SIGINT)
        aws.communicate(timeout=60)
        self.assertEqual(aws.returncode, 130)
        self.assertFalse(running(home.binary))

    def test_tab_offers_what_is_ours_and_what_is_theirs(self):
        home = self.installed(region="eu-north-1")

        def offered(line: str, *words) -> list[str]:
            env = {"COMP_LINE": line, "COMP_POINT": str(len(line.encode()))}
            return home.run(*(words or (home.binary, "plugin", "complete", "aws", "", "")), env=env).stdout.split()

        self.assertEqual(offered("aws ecs wh"), ["why"])
        self.assertEqual(offered("aws --profile two ecs why dem"), ["demo"])
        self.assertEqual(offered("aws why check --launch"), ["--launch-type"])
        self.assertIn("list-clusters", offered("aws ecs list-"))
        self.assertEqual(offered("aws ecs wh", "aws_completer"), ["why"] if self.clis == ["v1"] else [])

    def test_help_is_in_the_style_of_the_cli(self):
        home = self.installed(region="eu-north-1")
        for command in self.commands:
            text = plain(home.run("aws", *command, "help").stdout)
            for word in ("NAME\n       why", "DESCRIPTION", "SYNOPSIS", "OPTIONS\n", "--save-evidence", "EXAMPLES"):
                self.assertIn(word, text)
        self.assertIn(" why\n", plain(home.run("aws", "ecs", "help").stdout))
        self.assertIn(" why\n", plain(home.run("aws", "help").stdout))

    def test_uninstalling_leaves_the_files_as_they_were(self):
        home = self.home
        for more in ("", "# mine\n[plugins]\n" + self.other + "# the end, without a line end", "[plugins]\r\n" + self.other):
            home.write_config(emulator, more, region="eu-north-1")
            home.alias.parent.mkdir(exist_ok=True)
            home.alias.write_text(FOREIGN_ALIAS)
            (home.path / "other_plugin.py").write_text(OTHER_PLUGIN)
            env = {"PYTHONPATH": home.path} if self.clis == ["v1"] else {}
            before = home.files()
            # Whether another plug-in can be loaded at all is not our business, but it must stay as it was.
            done = home.plugin("install", env=env)
            self.assertEqual(done.returncode, 0, self.first(done))
            installed = home.files()
            times = (home.config.stat().st_mtime_ns, home.alias.stat().st_mtime_ns)
            self.assertEqual(home.plugin("install", env=env).returncode, 0)
            self.assertEqual((home.files(), (home.config.stat().st_mtime_ns, home.alias.stat().st_mtime_ns)), (installed, times))
            (home.path / "other-was-here").unlink(missing_ok=True)
            self.assertEqual(home.run("aws", "ecs", "why", "demo", env=env).returncode, 0)
            self.assertEqual((home.path / "other-was-here").exists(), bool(more))
            (home.path / "other-was-here").unlink(missing_ok=True)
            dry = home.plugin("uninstall", "--dry-run", env=env)
            self.assertIn("Nothing was changed", dry.stdout)
            self.assertEqual(home.files(), installed)
            done = home.plugin("uninstall", env=env)
            self.assertEqual(done.returncode, 0, self.first(done))
            shutil.rmtree(home.path / "__pycache__", ignore_errors=True)
            self.assertEqual(home.files(), before)
        self.assertIn("nothing to do", home.plugin("uninstall").stdout)

    def test_an_empty_home_is_empty_again(self):
        home = self.home
        dry = home.plugin("install", "--dry-run")
        self.assertIn("would be installed as a Python plug-in", dry.stdout)
        self.assertEqual(home.files(), {})
        home.install()
        self.assertEqual(home.plugin("status").returncode, 0)
        self.assertEqual(home.run("aws", "ecs", "why", "demo").returncode, 0)
        self.assertEqual(home.plugin("uninstall").returncode, 0)
        self.assertEqual(home.files(), {})
        self.assertEqual(home.plugin("status").returncode, 1)

    def test_links_and_another_configuration_are_respected(self):
        home = self.home
        home.config.parent.mkdir()
        real = home.path / "dotfiles"
        real.write_text("[default]\nregion = eu-north-1\n")
        real.chmod(0o640)
        home.config.symlink_to(real)
        home.install()
        self.assertTrue(home.config.is_symlink() and "[plugins]" in real.read_text())
        self.assertEqual(real.stat().st_mode & 0o777, 0o640)
        elsewhere = {"AWS_CONFIG_FILE": home.path / "elsewhere"}
        home.install(env=elsewhere)
        self.assertEqual(real.read_text(), "[default]\nregion = eu-north-1\n")
        self.assertEqual(home.run("aws", "ecs", "why", "demo", env=elsewhere).returncode, 0)
        self.assertEqual(home.plugin("uninstall").returncode, 0)
        self.assertFalse((home.path / "elsewhere").exists())

    def test_a_binary_that_is_gone_is_said_in_a_line(self):
        home = self.installed(region="eu-north-1")
        moved = home.folder / "elsewhere"
        moved.mkdir()
        home.binary.rename(moved / "ecs-why")
        for command in self.commands:
            done = home.run("aws", *command, "demo")
            self.one_line(done, 127, f"neither at {home.binary} nor on PATH", "ecs-why plugin install")
        self.assertEqual(home.run("aws", "configure", "get", "region").stdout, "eu-north-1\n")
        on_path = {"PATH": f"{home.env['PATH']}:{moved}"}
        done = home.run("aws", "ecs", "why", "demo", env=on_path)
        self.assertIn("FAILED", done.stdout)
        done = home.run(moved / "ecs-why", "plugin", "status", env=on_path)
        self.assertEqual(done.returncode, 1, self.first(done))
        self.assertIn(f"there is no {home.binary} any more", done.stdout)
        self.assertEqual(home.run(moved / "ecs-why", "plugin", "install", env=on_path).returncode, 0)
        self.assertEqual(home.run(moved / "ecs-why", "plugin", "status", env=on_path).returncode, 0)
        self.assertEqual(home.run(moved / "ecs-why", "plugin", "uninstall", env=on_path).returncode, 0)

    def test_a_cli_that_is_not_as_we_know_it_loses_nothing_else(self):
        home = self.home
        (home.path / "breaking_plugin.py").write_text(BREAKING_PLUGIN)
        home.write_config(emulator, region="eu-north-1")
        home.install()
        text = home.config.read_text()
        home.config.write_text(text.replace("[plugins]\n", "[plugins]\nbreaking_plugin = breaking_plugin\n"))
        env = {"PYTHONPATH": f"{home.path}"}
        done = home.run("aws", "ecs", "why", "demo", env=env)
        self.one_line(done, 252, "takes no such plug-in", "BasicCommand", "call ecs-why itself")
        done = home.run("aws", "ecs", "list-clusters", "--profile", "one", "--endpoint-url", emulator.url, env=env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(home.run("aws", "--version", env=env).returncode, 0)
        self.assertEqual(home.plugin("status", env=env).returncode, 1)

    def test_what_does_not_work_is_put_back(self):
        home = self.home
        home.write_config(emulator, region="eu-north-1")
        (home.path / "breaking_plugin.py").write_text(BREAKING_PLUGIN)
        more = "[plugins]\n" + self.other.replace("other_plugin", "breaking_plugin").replace("HOME", str(home.path))
        home.write_config(emulator, more, region="eu-north-1")
        env = {"PYTHONPATH": f"{home.path}"}
        before = home.files()
        done = home.plugin("install", env=env)
        self.assertEqual(done.returncode, 1, self.first(done))
        self.assertIn("everything was put back", done.stdout)
        shutil.rmtree(home.path / "__pycache__", ignore_errors=True)
        self.assertEqual(home.files(), before)

    def test_a_cli_that_is_broken_already_is_left_alone(self):
        home = self.home
        home.config.parent.mkdir()
        home.config.write_text("[plugins]\nnothing = no_such_module\n" + (f"cli_legacy_plugin_path = {home.path}\n"))
        before = home.files()
        done = home.plugin("install")
        self.sentence(done, 2, "fails already", "mend that first")
        self.assertEqual(home.files(), before)

    def test_status_finds_what_somebody_broke_and_install_mends_it(self):
        home = self.installed(region="eu-north-1")
        text = home.config.read_text()
        home.config.write_text(text.replace("ecs_why = ecs_why_awscli\n", ""))
        done = home.plugin("status")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{home.config} is not as it was installed", done.stdout)
        home.install()
        self.assertEqual(home.plugin("status").returncode, 0)
        for module in json.loads((home.path / ".aws/cli/ecs-why/receipt.json").read_text())["modules"]:
            Path(module["path"]).unlink()
        self.assertNotEqual(home.run("aws", "--version").returncode, 0)
        self.assertEqual(home.plugin("status").returncode, 1)
        home.install()
        self.assertEqual(json.loads(home.plugin("status", "--output", "json").stdout)["works"], True)
        self.assertEqual(home.plugin("uninstall").returncode, 0)
        self.assertNotIn("ecs_why", home.config.read_text())

    def test_an_alias_that_hides_it_is_left_alone_and_told(self):
        home = self.home
        home.alias.parent.mkdir(parents=True)
        home.alias.write_text("[toplevel]\nwhy = !echo mine\n")
        done = home.install()
        self.assertIn("an alias `why` of your own in [toplevel] comes before `aws why`", done.stdout)
        self.assertEqual(home.run("aws", "why").stdout, "mine\n")
        self.assertEqual(home.run("aws", "ecs", "why", "demo").returncode, 0)
        self.sentence(home.plugin("install", "--alias"), 2, "has a `why` of its own")

    def tearDown(self) -> None:
        # The Python of v1 is shared by all tests.
        self.home.put_binary()
        self.home.plugin("uninstall")


class V1(Plugin, Case):
    clis = ["v1"]
    yaml: list[str] = []
    more_refused: list[list[str]] = []
    other = "other = other_plugin\n"


class V2(Plugin, Case):
    clis = ["v2"]
    yaml = ["yaml", "yaml-stream"]
    more_refused = [["--cli-binary-format", "base64"]]
    other = "cli_legacy_plugin_path = HOME\nother = other_plugin\n"

    def setUp(self) -> None:
        super().setUp()
        self.other = type(self).other.replace("HOME", str(self.home.path))

    def test_the_pager_of_the_profile_is_handed_on(self):
        home = self.installed(region="eu-north-1", cli_pager="mine --long")
        home.fake()
        home.arrived("aws", "ecs", "why", env={"AWS_PAGER": None})
        self.assertEqual(home.arrived_env()["AWS_PAGER"], "mine --long")
        home.arrived("aws", "ecs", "why", "--no-cli-pager", env={"AWS_PAGER": "theirs"})
        self.assertEqual(home.arrived_env().get("AWS_PAGER"), "")

    def test_plug_ins_that_v2_does_not_load_stay_unloaded(self):
        self.home.write_config(emulator, "[plugins]\nnothing = no_such_module\n", region="eu-north-1")
        done = self.home.install()
        self.assertIn("installed as an alias", done.stdout)
        self.assertIn("would then also load the plug-in `nothing`", done.stdout)
        self.assertEqual(self.home.run("aws", "ecs", "why", "demo").returncode, 0)


class Both(Case):
    clis = ["v1", "v2"]

    def setUp(self) -> None:
        super().setUp()
        self.home.write_config(emulator, region="eu-north-1")
        self.home.alias.parent.mkdir(exist_ok=True)
        self.home.alias.write_text(FOREIGN_ALIAS)
        self.before = self.home.files()
        done = self.home.install()
        self.assertIn("installed as an alias: v1 and v2 are both on PATH", done.stdout)
        self.forms = [(given.v1 / "aws", ["why"]), (given.v2 / "aws", ["why"]), (given.v2 / "aws", ["ecs", "why"])]

    def test_the_right_account_is_asked_wherever_the_options_stand(self):
        emulator.asked()
        for aws, command in self.forms:
            for at in range(len(command) + 2):
                words = [*command, "prod/web"]
                words[at:at] = ["--profile", "two"]
                done = self.home.run(aws, *words)
                self.assertEqual(emulator.asked(), {("two", "us-west-2")}, f"{aws} {words} {self.first(done)}")
                self.assertIn("222222222222", done.stdout)
            done = self.home.run(aws, *command, "prod/web", env={"AWS_PROFILE": "one"})
            self.assertEqual(emulator.asked(), {("one", "eu-west-1")}, self.first(done))

    def test_outputs_are_honoured_or_refused(self):
        report = self.home.run(self.home.binary, "demo", "--output", "json").stdout
        for aws, command in self.forms:
            self.assertEqual(self.home.run(aws, *command, "demo", "--output", "json").stdout, report)
            self.assertEqual(self.home.run(aws, "--output=json", *command, "demo").stdout, report)
            self.sentence(self.home.run(aws, *command, "demo", "--output", "table"), 2, "--output does not go with an alias", "--as markdown")
            self.sentence(self.home.run(aws, *command, "demo", "--query", "outcome"), 2, "--query does not go with an alias", "jq")
            self.sentence(self.home.run(aws, *command, "demo", "--no-paginate"), 2, "--no-paginate does not go with an alias")
            self.assertEqual(self.home.run(aws, *command, "demo", "nothing").returncode, 2)

    def test_what_cannot_be_recovered_is_refused(self):
        # As where the process table cannot be read: nobody above us is the CLI.
        emulator.asked()
        env = {"ECS_WHY_CALLED_BY": "aws-alias"}
        done = self.home.run(self.home.binary, "prod/web", env=env)
        self.sentence(done, 2, "cannot be read from its own command line", "call `ecs-why` itself")
        # Nor where an alias of the person's own stands between.
        self.home.alias.write_text(self.home.alias.read_text() + "[toplevel2]\n")
        text = self.home.alias.read_text().replace("whoami = sts get-caller-identity", "w = why --region us-west-2")
        self.home.alias.write_text(text)
        done = self.home.run(given.v2 / "aws", "w", "prod/web")
        self.assertEqual(done.returncode, 2, self.first(done))
        self.assertEqual(emulator.asked(), set())

    def test_a_wrapper_between_does_not_matter(self):
        emulator.asked()
        script = self.home.folder / "wrapper"
        script.write_text(f'#!/bin/sh\n"{given.v1 / "aws"}" --profile two "$@"\n')
        script.chmod(0o755)
        done = self.home.run("sh", "-c", f"true; '{script}' why prod/web; exit $?")
        self.assertEqual(emulator.asked(), {("two", "us-west-2")}, self.first(done))

    def test_a_binary_that_is_gone_is_said_in_a_line(self):
        moved = self.home.folder / "elsewhere"
        moved.mkdir()
        self.home.binary.rename(moved / "ecs-why")
        for aws, command in self.forms:
            self.one_line(self.home.run(aws, *command, "demo"), 127, f"neither at {self.home.binary} nor on PATH")
            done = self.home.run(aws, *command, "demo", env={"PATH": f"{self.home.env['PATH']}:{moved}"})
            self.assertIn("FAILED", done.stdout)

    def test_uninstalling_leaves_the_files_as_they_were(self):
        done = self.home.plugin("uninstall")
        self.assertEqual(done.returncode, 0, self.first(done))
        self.assertEqual(self.home.files(), self.before)

    def test_the_way_changes_with_what_is_on_path(self):
        home = self.home
        alone = {"PATH": home.env["PATH"].split(os.pathsep, 1)[1]}
        done = home.plugin("status", env=alone)
        self.assertIn("`aws ecs why` works", done.stdout)
        done = home.install(env=alone)
        self.assertIn("as a Python plug-in: only v2 is on PATH", done.stdout)
        self.assertEqual(home.alias.read_text(), FOREIGN_ALIAS)
        # v1 comes back: its every command is broken by what v2 needs.
        self.assertNotEqual(home.run(given.v1 / "aws", "--version").returncode, 0)
        done = home.plugin("status")
        self.assertEqual(done.returncode, 1)
        self.assertIn("another way by now", done.stdout)
        home.install()
        self.assertEqual(home.run(given.v1 / "aws", "--version").returncode, 0)
        self.assertEqual(home.plugin("status").returncode, 0)


class None_(Case):
    def test_without_any_aws_the_alias_waits_for_one(self):
        done = self.home.install()
        self.assertIn("as an alias: no `aws` was found on PATH", done.stdout)
        self.assertEqual(self.home.plugin("status").returncode, 1)
        done = self.home.run(given.v2 / "aws", "ecs", "why", "demo")
        self.assertIn("FAILED", done.stdout)


def running(binary: Path) -> bool:
    """Whether a process runs this file."""
    for process in Path("/proc").glob("[0-9]*/exe"):
        try:
            if os.path.samefile(process, binary) and str(binary).encode() in process.with_name("cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False


def plain(page: str) -> str:
    """A manual page without its overstrikes and escapes."""
    import re

    return re.sub("\x1b\\[[0-9;]*m", "", re.sub(".\b", "", page))


def all_but_aws() -> Path:
    """The programs of the system without its own AWS CLI."""
    folder = Path(tempfile.mkdtemp(prefix="ecs-why-tools-"))
    for place in (Path("/usr/bin"), Path("/bin")):
        for program in place.iterdir():
            link = folder / program.name
            if not program.name.startswith("aws") and not link.is_symlink():
                link.symlink_to(program)
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    for option in ("--v1", "--v2", "--python"):
        parser.add_argument(option, type=Path, required=True)
    parser.add_argument("tests", nargs="*")
    given = parser.parse_intermixed_args()
    given.binary, given.v1, given.v2 = given.binary.resolve(), given.v1.resolve(), given.v2.resolve()
    emulator, tools = Emulator(str(given.python)), all_but_aws()
    try:
        done = unittest.main(argv=[sys.argv[0], *given.tests], verbosity=2, exit=False).result
    finally:
        emulator.close()
        shutil.rmtree(tools)
    sys.exit(not done.wasSuccessful())
