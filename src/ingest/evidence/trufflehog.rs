//! TruffleHog's results (`trufflehog --json`): secrets, and whether the service that they are for took them. The secret
//! itself is not read.

use crate::ingest::json::{Entries, Int, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::events;

lenient! {
    Secret {
        source: Source = "SourceMetadata",
        detector: Owned = "DetectorName",
        is_verified: Owned = "Verified",
        error: Owned = "VerificationError",
    }
}

lenient! {
    Source {
        data: Entries<Place> = "Data",
    }
}

lenient! {
    /// Where it stands, whatever the kind of source.
    Place {
        file: Owned = "file",
        line: Int = "line",
    }
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "TruffleHog".into();
    for (pointer, secret) in events::read::<Secret>(original) {
        let place =
            secret.source.data.0.iter().find(|(_, place)| place.file.get().is_some_and(|file| !file.is_empty()));
        let Some(file) = place.and_then(|(_, place)| place.file.get()) else { continue };
        let line = place.and_then(|(_, place)| u32::try_from(place.line.0?).ok()).filter(|line| *line > 0);
        let (polarity, strength, words) = match (secret.is_verified.get(), secret.error.get()) {
            (Some("true"), _) => (Polarity::Yes, 4, "the secret works".to_owned()),
            (_, Some(error)) if !error.is_empty() => (Polarity::Unknown, 0, format!("it was not verified: {error}")),
            _ => (Polarity::Unknown, 1, "it was not verified".to_owned()),
        };
        let detector = secret.detector.get().map(|name| format!(", {name}")).unwrap_or_default();
        let path = draft.locate(file);
        draft.state(Statement {
            pointer: pointer.into(),
            subject: Subject { path: Some(path), line, ..Subject::default() },
            rung: Rung::Controllable,
            polarity,
            basis: Basis::Dynamic,
            reason: Some(format!("{words}{detector}").into()),
            strength,
            ..Statement::default()
        });
    }
}
