//! Signatures by SSH keys, made and checked by `ssh-keygen`. Which keys count stands in a file of allowed signers
//! (`ssh-keygen(1)`, ALLOWED SIGNERS), which the caller takes from where nobody who is to be checked can write.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tempfile::NamedTempFile;

use crate::model::problem::{Loss, Problem};

use super::Repo;
use super::tree::plain;

const PROGRAM: &str = "ssh-keygen";
/// A key on a token may want a touch.
const SECONDS: u64 = 60;
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Signer {
    /// As the file of allowed signers calls the owner of the key.
    pub name: String,
    /// Fingerprint of the key, `SHA256:…`.
    pub key: String,
}

impl Repo {
    /// Who signed `data` for `namespace`, by a key that is allowed to at this time; the reason, if nobody did.
    pub fn signer(
        &self,
        allowed: &[u8],
        namespace: &str,
        data: &[u8],
        signature: &[u8],
        at: Timestamp,
    ) -> Result<Signer, String> {
        if !String::from_utf8_lossy(signature).trim_start().starts_with(BEGIN) {
            return Err("it is signed otherwise than with an SSH key".to_owned());
        }
        let keep = |bytes: &[u8]| kept(bytes).map_err(|error| plain(&error));
        let (allowed, signature) = (keep(allowed)?, keep(signature)?);
        let path = |file: &NamedTempFile| file.path().display().to_string();
        let (allowed, signature) = (path(&allowed), path(&signature));
        let time = format!("-Overify-time={}", at.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%SZ"));
        let ask = |words: &[&str], input: &[u8]| {
            let words: Vec<String> = [PROGRAM].iter().chain(words).map(|word| (*word).to_owned()).collect();
            self.run(&words, input, SECONDS, &AtomicBool::new(false))
                .map(|said| String::from_utf8_lossy(&said).into_owned())
        };
        let found = ask(&["-Y", "find-principals", "-f", &allowed, "-s", &signature, &time], b"");
        let names = found.map_err(|_| "its key is not allowed to sign".to_owned())?;
        for name in names.lines().filter(|name| !name.is_empty()) {
            let words = ["-Y", "verify", "-n", namespace, "-f", &allowed, "-I", name, "-s", &signature, &time];
            let key = ask(&words, data).ok().and_then(|said| {
                let key = said.split_whitespace().find(|word| word.starts_with("SHA256:"))?;
                Some(key.to_owned())
            });
            if let Some(key) = key {
                return Ok(Signer { name: name.to_owned(), key });
            }
        }
        Err("its signature does not fit".to_owned())
    }

    /// A signature of `data` for `namespace` by the key that git signs with (`user.signingKey`).
    pub fn sign(&self, namespace: &str, data: &[u8]) -> Result<Vec<u8>, Problem> {
        let refuse = |reason: String| Problem::at("user.signingKey", "", reason, Loss::Nothing);
        let hint = "git config gpg.format ssh; git config user.signingKey ~/.ssh/id_ed25519.pub";
        let key = self.configured("user.signingkey");
        let key = key.ok_or_else(|| refuse("git knows no key of yours to sign with".to_owned()).hint(hint))?;
        let literal = key.strip_prefix("key::").or_else(|| key.starts_with("ssh-").then_some(key.as_str()));
        let written = literal.map(|key| kept(format!("{key}\n").as_bytes())).transpose();
        let written = written.map_err(|error| refuse(plain(&error)))?;
        let home = std::env::var("HOME").unwrap_or_default();
        let path = match (&written, key.strip_prefix("~/")) {
            (Some(file), _) => file.path().display().to_string(),
            (None, Some(rest)) => format!("{home}/{rest}"),
            (None, None) => key,
        };
        let words = [PROGRAM, "-Y", "sign", "-n", namespace, "-f", &path].map(str::to_owned);
        let signed = self.run(&words, data, SECONDS, &AtomicBool::new(false));
        signed.map_err(|error| refuse(format!("{PROGRAM}: {error}")).hint(hint))
    }
}

fn kept(bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(bytes)?;
    Ok(file)
}
