//! TLS in front of a stub, with a certificate for `localhost` that nobody but itself has signed.

use crate::http::exchange;
use crate::stub::read;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// See the module. It ends when it is dropped.
pub struct Tls {
    port: u16,
    ended: Arc<AtomicBool>,
}

/// Made for these tests with `openssl req -x509 -newkey ec -nodes -days 36500`, key and all: it guards nothing.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tls")
}

impl Tls {
    /// Starts one in front of a port.
    pub fn in_front_of(behind: u16) -> Self {
        let certificate = CertificateDer::from_pem_file(folder().join("localhost.pem")).expect("it is there");
        let key = PrivateKeyDer::from_pem_file(folder().join("localhost-key.pem")).expect("it is there");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("there are versions").with_no_client_auth();
        let config = Arc::new(config.with_single_cert(vec![certificate], key).expect("they belong together"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let ended = Arc::new(AtomicBool::new(false));
        let tls = Tls { port, ended: Arc::clone(&ended) };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let config = Arc::clone(&config);
                std::thread::spawn(move || stream.and_then(|stream| serve(stream, config, behind)));
            }
        });
        tls
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The certificate, for who wants to trust it.
    pub fn certificate() -> PathBuf {
        folder().join("localhost.pem")
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, behind: u16) -> io::Result<()> {
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let Some((head, body)) = read(&mut stream)? else { return Ok(()) };
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let mut raw: String = kept.map(|line| format!("{line}\r\n")).collect();
    raw += "Connection: close\r\n\r\n";
    let answer = exchange(behind, &[raw.as_bytes(), &body].concat())?;
    stream.write_all(&answer)?;
    stream.conn.send_close_notify();
    stream.flush()
}
