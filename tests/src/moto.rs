//! A real moto server in a virtual environment under the target folder, which the first test that needs it makes.

use crate::binary::build_folder;
use crate::http::{Reply, request, send};
use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

const VERSION: &str = "5.2.1";
/// It ends when its standard input does: no server outlives a test that is killed.
const SERVE: &str = "
import os, sys, threading
def watch():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', sys.argv[1]])
";

/// A server of its own for each test: nothing has to be told apart, and it is killed when it is dropped.
pub struct Moto {
    server: Child,
    /// Held open for as long as the server lives.
    _watch: Option<ChildStdin>,
    /// The port on the loopback.
    pub port: u16,
}

impl Moto {
    /// Starts one, and installs moto before if this build has none yet. A test that cannot have it fails.
    pub fn start() -> Self {
        let python = environment();
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
            let mut server = Command::new(&python)
                .args(["-c", SERVE, &port.to_string()])
                .envs([("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")])
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the environment has a Python");
            let watch = server.stdin.take();
            let mut moto = Moto { server, _watch: watch, port };
            if moto.answers() {
                return moto;
            }
        }
        panic!("moto does not start: try `{} -m moto.server` by hand", python.display());
    }

    /// Waits until it answers; false if it ended, for instance because somebody else took the port.
    fn answers(&mut self) -> bool {
        let patience = Instant::now() + Duration::from_secs(120);
        while Instant::now() < patience {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            if matches!(self.server.try_wait(), Ok(Some(_))) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks a JSON service: `target` is its `X-Amz-Target` up to the dot. An empty answer is null.
    pub fn json(&self, service: &str, target: &str, action: &str, body: &serde_json::Value) -> serde_json::Value {
        let target = format!("{target}.{action}");
        let signed = signed(service);
        let kind = "application/x-amz-json-1.1";
        let headers = [("Authorization", signed.as_str()), ("X-Amz-Target", &target), ("Content-Type", kind)];
        let reply = request(self.port, &headers, &body.to_string()).expect("moto answers");
        assert_eq!(reply.status, 200, "{target}: {}", reply.body);
        if reply.body.is_empty() { serde_json::Value::Null } else { reply.json() }
    }

    /// Asks ECS.
    pub fn ecs(&self, action: &str, body: &serde_json::Value) -> serde_json::Value {
        self.json("ecs", "AmazonEC2ContainerServiceV20141113", action, body)
    }

    /// Asks ECR.
    pub fn ecr(&self, action: &str, body: &serde_json::Value) -> serde_json::Value {
        self.json("ecr", "AmazonEC2ContainerRegistry_V20150921", action, body)
    }

    /// Asks CloudWatch Logs.
    pub fn logs(&self, action: &str, body: &serde_json::Value) -> serde_json::Value {
        self.json("logs", "Logs_20140328", action, body)
    }

    /// Asks KMS.
    pub fn kms(&self, action: &str, body: &serde_json::Value) -> serde_json::Value {
        self.json("kms", "TrentService", action, body)
    }

    /// Asks Systems Manager.
    pub fn ssm(&self, action: &str, body: &serde_json::Value) -> serde_json::Value {
        self.json("ssm", "AmazonSSM", action, body)
    }

    /// Asks S3, by the method and path of its REST protocol.
    pub fn s3(&self, method: &str, path: &str, body: &str) -> Reply {
        let signed = signed("s3");
        let headers = [("Authorization", signed.as_str())];
        let reply = send(self.port, &format!("{method} {path}"), &headers, body).expect("moto answers");
        assert!((200..300).contains(&reply.status), "{method} {path}: {} {}", reply.status, reply.body);
        reply
    }

    /// Asks a service with the query protocol (EC2, IAM). Values are plain: `&` and `+` are not needed.
    pub fn query(&self, service: &str, parameters: &[(&str, &str)]) -> Reply {
        let version = if service == "ec2" { "2016-11-15" } else { "2010-05-08" };
        let pairs = parameters.iter().copied().chain([("Version", version)]);
        let body: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let signed = signed(service);
        let headers = [("Authorization", signed.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        let reply = request(self.port, &headers, &body.join("&")).expect("moto answers");
        assert_eq!(reply.status, 200, "{parameters:?}: {}", reply.body);
        reply
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn signed(service: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=x")
}

fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The Python of the environment, made once for a target folder.
fn environment() -> PathBuf {
    let build = build_folder();
    let folder = build.parent().unwrap_or(&build).join(format!("moto-{VERSION}"));
    let (python, ready) = (folder.join("bin").join("python"), folder.join("ready"));
    if ready.exists() {
        return python;
    }
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    // Test programs run side by side: one installs, and the others wait.
    let lock = File::create(folder.join("lock")).expect("the target folder can be written");
    lock.lock().expect("a file can be locked");
    if !ready.exists() {
        tell(&folder);
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let package = format!("moto[server]=={VERSION}");
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &package]));
        File::create(&ready).expect("the target folder can be written");
    }
    python
}

fn tell(folder: &Path) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "installing moto {VERSION} into {}: once", folder.display());
}

fn run(command: &mut Command) {
    let said = format!("{command:?}");
    let done = command.stdin(Stdio::null()).output();
    let done = done.unwrap_or_else(|error| panic!("moto cannot be installed, which these tests need: {said}: {error}"));
    assert!(
        done.status.success(),
        "moto cannot be installed, which these tests need (Python 3 with venv, and PyPI):\n{said}\n{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}
