//! Findings of Endor Labs (`endorctl api list --resource Finding`): tags with a verdict on the function and one on the
//! dependency, of which that on the function counts more, and a definite one more than a potential one.

use crate::ingest::json::{List, Owned, Real, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Entry, Fact, Polarity, Rung, Statement, Strength, Subject};

use super::draft::Draft;
use super::purl;

lenient! {
    Answer {
        list: Found = "list",
    }
}

lenient! {
    Found {
        objects: List<Object> = "objects",
    }
}

lenient! {
    Object {
        meta: Meta = "meta",
        spec: Spec = "spec",
    }
}

lenient! {
    Meta {
        name: Owned = "name",
        made: Owned = "createTime",
    }
}

lenient! {
    Spec {
        tags: List<Owned> = "findingTags",
        package: Owned = "targetDependencyPackageName",
        version: Owned = "targetDependencyVersion",
        project: Owned = "projectUuid",
        more: More = "findingMetadata",
    }
}

lenient! {
    More {
        vulnerability: Vulnerability = "vulnerability",
    }
}

lenient! {
    Vulnerability {
        meta: Meta = "meta",
        spec: Advisory = "spec",
    }
}

lenient! {
    Advisory {
        aliases: List<Owned> = "aliases",
        epss: Score = "epssScore",
    }
}

lenient! {
    Score {
        probability: Real = "probabilityScore",
        percentile: Real = "percentileScore",
    }
}

/// Tags without their common start, the one that counts most first.
const VERDICTS: &[(&str, Rung, Polarity, Strength)] = &[
    ("REACHABLE_FUNCTION", Rung::Called, Polarity::Yes, 3),
    ("UNREACHABLE_FUNCTION", Rung::Called, Polarity::No, 3),
    ("POTENTIALLY_REACHABLE_FUNCTION", Rung::Called, Polarity::Unknown, 1),
    ("REACHABLE_DEPENDENCY", Rung::Imported, Polarity::Yes, 2),
    ("UNREACHABLE_DEPENDENCY", Rung::Imported, Polarity::No, 2),
    ("POTENTIALLY_REACHABLE_DEPENDENCY", Rung::Imported, Polarity::Unknown, 1),
];
const TAG: &str = "FINDING_TAGS_";

/// Whether a text is such an answer: its tags lie too deep to be met as signs.
pub(super) fn is_text(head: &str) -> bool {
    head.starts_with('{') && head.contains("\"finding_tags\"") && head.contains(TAG)
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let answer: Answer = original.document();
    draft.document.tool = "Endor Labs".into();
    draft.of_projects(answer.list.objects.0.iter().map(|object| object.spec.project.get()));
    for (number, object) in answer.list.objects.0.iter().enumerate() {
        let vulnerability = &object.spec.more.vulnerability;
        let mut ids: Vec<Box<str>> = Vec::new();
        for id in
            vulnerability.meta.name.get().into_iter().chain(vulnerability.spec.aliases.0.iter().filter_map(Owned::get))
        {
            if !id.is_empty() && !ids.iter().any(|known| **known == *id) {
                ids.push(id.into());
            }
        }
        let pointer = format!("/list/objects/{number}");
        score(draft, &pointer, &ids, &vulnerability.spec.epss);
        state(draft, &pointer, object, ids);
    }
}

fn score(draft: &mut Draft<'_>, pointer: &str, ids: &[Box<str>], score: &Score) {
    let cve = ids.iter().find(|id| id.starts_with("CVE-"));
    if let (Some(cve), Some(probability)) = (cve, score.probability.0) {
        let percentile = score.percentile.0.unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "shares of one, with few digits")]
        let fact = Fact::Epss { probability: probability as f32, percentile: percentile as f32 };
        draft.know(format!("{pointer}/spec/finding_metadata/vulnerability/spec/epss_score"), cve, fact);
    }
}

fn state(draft: &mut Draft<'_>, pointer: &str, object: &Object, vulns: Vec<Box<str>>) {
    let tags: Vec<&str> = object.spec.tags.0.iter().filter_map(Owned::get).collect();
    let tags: Vec<&str> = tags.iter().map(|tag| tag.strip_prefix(TAG).unwrap_or(tag)).collect();
    // Findings of code and secrets carry no verdict.
    let Some((tag, rung, polarity, strength)) = VERDICTS.iter().find(|(tag, ..)| tags.contains(tag)) else {
        draft.alias(vulns.iter().map(|id| &**id));
        return;
    };
    let words = [Some(*tag), tags.contains(&"DIRECT").then_some("direct dependency")];
    let reason: Vec<String> =
        words.into_iter().flatten().map(|word| word.replace('_', " ").to_ascii_lowercase()).collect();
    let purl = object.spec.package.get().and_then(|package| {
        let (kind, name) = package.split_once("://")?;
        purl::of(kind, name, object.spec.version.get())
    });
    draft.state(Statement {
        pointer: pointer.into(),
        strength: purl::worth(purl.as_deref(), *polarity, *strength),
        subject: Subject { vulns, purl, ..Subject::default() },
        rung: *rung,
        polarity: *polarity,
        basis: Basis::Static,
        reason: Some(reason.join(", ").into()),
        entry: if tags.contains(&"TEST") { Entry::Test } else { Entry::Unknown },
        made: object.meta.made.get().and_then(|made| made.parse().ok()),
        ..Statement::default()
    });
}
