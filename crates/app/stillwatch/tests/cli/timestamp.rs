//! Time-stamps of the ledger's head by an authority that OpenSSL plays, from the query to the archive.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::case::hunted;
use crate::common::failed;
use crate::common::stillwatch;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

/// A root, an authority that it vouches for, and what `openssl ts` has to know.
const CONFIGURATION: &str = "
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[authority]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_cert = authority.pem
certs = root.pem
signer_key = authority.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
clock_precision_digits = 3
ess_cert_id_chain = no
ess_cert_id_alg = sha256
";

/// An authority in a folder; `None` where OpenSSL is missing.
struct Authority(PathBuf);

const SKIPPED: &str = "skipped: time-stamps were not tried, since openssl is missing (install it)";

impl Authority {
    fn new(folder: PathBuf, key: &[&str]) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            return None;
        }
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("tsa.cnf"), CONFIGURATION).unwrap();
        fs::write(folder.join("serial"), "01\n").unwrap();
        let own = Self(folder);
        for (name, section, issuer) in [
            ("root", "root", "root"),
            ("authority", "authority", "root"),
            ("other", "root", "other"),
            ("web", "server", "root"),
        ] {
            own.openssl(&[&["genpkey", "-out", &format!("{name}.key")], key].concat());
            let (subject, request) = (format!("/O=Invented Time/CN={name}"), format!("{name}.csr"));
            own.openssl(&[
                "req",
                "-new",
                "-config",
                "tsa.cnf",
                "-key",
                &format!("{name}.key"),
                "-subj",
                &subject,
                "-out",
                &request,
            ]);
            let mut sign = vec![
                "x509",
                "-req",
                "-in",
                &request,
                "-days",
                "30",
                "-extfile",
                "tsa.cnf",
                "-extensions",
                section,
                "-out",
            ];
            let (to, by, with) = (format!("{name}.pem"), format!("{issuer}.pem"), format!("{issuer}.key"));
            sign.push(&to);
            match name == issuer {
                true => sign.extend(["-signkey", &with]),
                false => sign.extend(["-CA", &by, "-CAkey", &with, "-CAcreateserial"]),
            }
            own.openssl(&sign);
        }
        Some(own)
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(&self.0).output().unwrap();
        assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Its answer to a query.
    fn answer(&self, query: &Path) -> PathBuf {
        let answer = self.0.join("answer.tsr");
        self.openssl(&["ts", "-reply", "-config", "tsa.cnf", "-queryfile", text(query), "-out", text(&answer)]);
        answer
    }

    fn certificate(&self, name: &str) -> String {
        self.0.join(format!("{name}.pem")).display().to_string()
    }
}

fn query_of(data: &Path) -> PathBuf {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(data.join("ledger/timestamps")).unwrap().map(|one| one.unwrap().path()).collect();
    folders.sort();
    folders.pop().unwrap().join("query.tsq")
}

#[test]
fn a_head_is_stamped_and_the_archive_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let authority = Authority::new(folder.path().join("tsa"), &rsa);
    let Some(authority) = authority else {
        eprintln!("{SKIPPED}");
        return;
    };
    let (data, id) = hunted(folder.path());
    let data_dir = ["--data-dir", text(&data)];
    let asked = succeed(&[&["ledger", "timestamp"], data_dir.as_slice()].concat());
    let query = query_of(&data);
    assert!(asked.contains(text(&query)), "{asked}");
    let before = fs::read(&query).unwrap();
    succeed(&[&["ledger", "timestamp"], data_dir.as_slice()].concat());
    assert_eq!(fs::read(&query).unwrap(), before, "the same head keeps its query");
    // OpenSSL reads the query as we mean it.
    let told = Command::new("openssl").args(["ts", "-query", "-text", "-in", text(&query)]).output().unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(
        told.contains("sha256") && told.contains("Nonce: 0x") && told.contains("Certificate required: yes"),
        "{told}"
    );
    let answer = authority.answer(&query);
    let keep = |answer: &Path, certificate: &str| {
        stillwatch(&[
            "ledger",
            "timestamp",
            "--data-dir",
            text(&data),
            "--response",
            text(answer),
            "--tsa-cert",
            certificate,
        ])
    };
    // Another root, and a certificate that is for something else, vouch for nothing.
    for wrong in ["other", "web"] {
        let output = keep(&answer, &authority.certificate(wrong));
        assert_eq!(output.status.code(), Some(4), "{wrong}: {}", String::from_utf8_lossy(&output.stderr));
    }
    // A changed byte of the answer is refused, or changes nothing that is told: the status and the certificates beside that of the
    // signer are not signed.
    let said = |answer: &Path| {
        let output = keep(answer, &authority.certificate("root"));
        let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let (what, kept) = told.rsplit_once(": ").map(|(what, kept)| (what.to_owned(), PathBuf::from(kept)))?;
        // So that the ledger has the good one alone.
        fs::remove_file(kept).unwrap();
        output.status.success().then_some(what)
    };
    let right = said(&answer).expect("the answer is kept");
    let mut refused = 0;
    let good = fs::read(&answer).unwrap();
    let bad = folder.path().join("bad.tsr");
    for at in (0..good.len()).step_by(good.len() / 60) {
        let mut changed = good.clone();
        changed[at] ^= 1;
        fs::write(&bad, changed).unwrap();
        match said(&bad) {
            Some(told) => assert_eq!(told, right, "byte {at} is changed"),
            None => refused += 1,
        }
    }
    assert!(refused > 35, "{refused} of 60");
    for right in ["root", "authority"] {
        let output = keep(&answer, &authority.certificate(right));
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && told.contains("CN=authority") && told.contains("is trusted"),
            "{right}: {told}"
        );
    }
    let well = succeed(&[&["ledger", "verify", "--log-only"], data_dir.as_slice()].concat());
    assert!(well.contains("1 time-stamps"), "{well}");
    in_the_archive(&authority, &data, &id, folder.path());
    // An answer to another query of the same head.
    let other = folder.path().join("other.tsq");
    let head = query.with_file_name("head");
    authority.openssl(&["ts", "-query", "-sha256", "-cert", "-data", text(&head), "-out", text(&other)]);
    let output = keep(&authority.answer(&other), &authority.certificate("root"));
    assert!(output.status.code() == Some(4), "a stamp with another nonce is kept");
    assert!(String::from_utf8_lossy(&output.stderr).contains("another query"));
}

fn in_the_archive(authority: &Authority, data: &Path, id: &str, folder: &Path) {
    let archive = folder.join("case.zip");
    succeed(&["case", "export", id, "--data-dir", text(data), "--out", text(&archive), "--quiet"]);
    let verify = |certificates: &[&str]| {
        let mut arguments = vec!["verify".to_owned(), text(&archive).to_owned()];
        certificates.iter().for_each(|name| arguments.extend(["--tsa-cert".to_owned(), authority.certificate(name)]));
        let output = stillwatch(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, told) = verify(&[]);
    assert!(status == 0 && told.contains("CN=authority") && told.contains("nobody named here"), "{told}");
    let (status, told) = verify(&["root"]);
    assert!(status == 0 && told.contains("is one that you trust; the verdict is among them"), "{told}");
    let (status, told) = verify(&["other"]);
    assert!(status == 4 && told.contains("NO   timestamps/"), "{told}");
    // A stamp that was changed where it is kept is found in the ledger, and in an archive that carries it.
    let mut kept = fs::read_dir(query_of(data).with_file_name("")).unwrap().map(|one| one.unwrap().path());
    let kept = kept.find(|path| path.extension().is_some_and(|end| end == "tsr")).expect("the answer is kept");
    let good = fs::read(&kept).unwrap();
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    fs::write(&kept, bad).unwrap();
    let (status, told) = failed(&["case", "export", id, "--data-dir", text(data), "--out", text(&archive), "--quiet"]);
    assert!(status == 4 && told.contains("signature"), "{status} {told}");
    assert_eq!(verify(&[]).0, 4);
    assert_eq!(stillwatch(&["ledger", "verify", "--log-only", "--data-dir", text(data)]).status.code(), Some(4));
    fs::write(&kept, good).unwrap();
}

#[test]
fn an_authority_is_asked_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
    let authority = Authority::new(folder.path().join("tsa"), &curve);
    let Some(authority) = authority else {
        eprintln!("{SKIPPED}");
        return;
    };
    let data = folder.path().join("data");
    let world = world(folder.path(), "7", "0.02");
    succeed(&["ingest", text(&world.log), "--data-dir", text(&data), "--quiet"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tsa", listener.local_addr().unwrap());
    let certificate = authority.certificate("root");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut some = [0; 1024];
        let body = loop {
            let count = stream.read(&mut some).unwrap();
            assert!(count > 0, "the query ends early");
            request.extend(&some[..count]);
            let head = request.windows(4).position(|four| four == b"\r\n\r\n");
            let Some(head) = head else { continue };
            let words = String::from_utf8_lossy(&request[..head]).to_lowercase();
            assert!(words.contains("content-type: application/timestamp-query"), "{words}");
            let length =
                words.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse::<usize>().unwrap();
            if request.len() >= head + 4 + length {
                break request[head + 4..head + 4 + length].to_vec();
            }
        };
        let query = authority.0.join("got.tsq");
        fs::write(&query, body).unwrap();
        let answer = fs::read(authority.answer(&query)).unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all(&[head.as_bytes(), &answer].concat()).unwrap();
    });
    let told = succeed(&["ledger", "timestamp", "--data-dir", text(&data), "--url", &url, "--tsa-cert", &certificate]);
    server.join().unwrap();
    assert!(told.contains("is trusted") && told.contains(".tsr"), "{told}");
    let (status, error) = failed(&["ledger", "timestamp", "--data-dir", text(&data), "--url", "https://tsa.example"]);
    assert!(status == 2 && error.contains("http://"), "{error}");
}
