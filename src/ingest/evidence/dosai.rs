//! Data flows of dosai (<https://github.com/owasp-dep-scan/dosai>): which packages of .NET are reached, with the places
//! that do it.

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Frame, Polarity, Rung, Statement, Subject};

use super::draft::Draft;

lenient! {
    Report {
        about: About = "Metadata",
        packages: List<Package> = "PackageReachability",
    }
}

lenient! {
    About {
        version: Owned = "AnalyzerVersion",
        made: Owned = "GeneratedAt",
    }
}

lenient! {
    Package {
        purl: Owned = "Purl",
        is_reachable: Owned = "Reachable",
        kind: Owned = "ReachabilityKind",
        confidence: Owned = "Confidence",
        places: List<Place> = "SourceLocations",
    }
}

lenient! {
    Place {
        path: Owned = "Path",
        line: Int = "LineNumber",
        column: Int = "ColumnNumber",
    }
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Report = original.document();
    draft.document.tool = "dosai".into();
    draft.document.version = report.about.version.0.map(Into::into);
    draft.document.made = report.about.made.get().and_then(|made| made.parse().ok());
    draft.document.states_time = draft.document.made.is_some();
    for (number, package) in report.packages.0.iter().enumerate() {
        let Some(purl) = package.purl.get() else { continue };
        // That no place was found says little: calls by reflection are not seen.
        let (polarity, strength) = match package.is_reachable.get() {
            Some("true") => (Polarity::Yes, 2),
            Some("false") => (Polarity::No, 1),
            _ => (Polarity::Unknown, 0),
        };
        let words =
            [package.kind.get().map(str::to_owned), package.confidence.get().map(|word| format!("confidence {word}"))];
        let reason: Vec<String> = words.into_iter().flatten().collect();
        let number_of =
            |number: Int| number.position().and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
        let frame = |place: &Place| {
            let path = place.path.get().unwrap_or_default();
            let frame = draft.frame("", "", path, number_of(place.line), number_of(place.column));
            Frame { is_own: true, ..frame }
        };
        let path: Vec<Frame> = package.places.0.first().map(frame).into_iter().collect();
        draft.state(Statement {
            pointer: format!("/PackageReachability/{number}").into(),
            subject: Subject { purl: Some(purl.into()), ..Subject::default() },
            rung: Rung::Called,
            polarity,
            basis: Basis::Static,
            reason: (!reason.is_empty()).then(|| reason.join(", ").into()),
            strength,
            path,
            ..Statement::default()
        });
    }
}
