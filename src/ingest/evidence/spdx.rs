//! SPDX. Of version 3 (<https://spdx.github.io/spdx-spec/v3.0.1/model/Security/Security/>) the assessments of
//! vulnerabilities; version 2 lists packages and says nothing of whether code is called.

use std::collections::HashMap;

use crate::ingest::json::{List, Owned, Real, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Fact, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::vex;
use super::words::{add_ids, epss, reason, time};

lenient! {
    Graph {
        elements: List<Element> = "@graph",
    }
}

lenient! {
    /// A package, a vulnerability, an assessment of one; or anything else.
    Element {
        kind: Owned = "type",
        id: Owned = "spdxId" | "@id",
        name: Owned = "name",
        created: Owned = "created",
        identifiers: List<Identifier> = "externalIdentifier",
        purl: Owned = "software_packageUrl",
        /// Of an assessment: the vulnerability, the products, the part of them that was looked at.
        from: Owned = "from",
        to: List<Owned> = "to",
        assessed: Owned = "security_assessedElement",
        justification: Owned = "security_justificationType",
        impact: Owned = "security_impactStatement",
        action: Owned = "security_actionStatement",
        notes: Owned = "security_statusNotes",
        published: Owned = "security_publishedTime",
        vector: Owned = "security_vectorString",
        probability: Real = "security_probability",
        percentile: Real = "security_percentile",
        catalogue: Owned = "security_catalogType",
        exploited: Owned = "security_exploited",
    }
}

lenient! {
    Identifier {
        kind: Owned = "externalIdentifierType",
        identifier: Owned = "identifier",
    }
}

/// Kinds of assessments that are VEX, and the status of OpenVEX that each is.
const STATUSES: &[(&str, &str)] = &[
    ("security_VexAffectedVulnAssessmentRelationship", "affected"),
    ("security_VexFixedVulnAssessmentRelationship", "fixed"),
    ("security_VexNotAffectedVulnAssessmentRelationship", "not_affected"),
    ("security_VexUnderInvestigationVulnAssessmentRelationship", "under_investigation"),
];

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let graph: Graph = original.document();
    let elements = &graph.elements.0;
    draft.dated(elements.iter().find_map(|element| element.created.get()));
    let known: HashMap<&str, &Element> = elements.iter().filter_map(|one| Some((one.id.get()?, one))).collect();
    for (number, assessment) in elements.iter().enumerate() {
        let pointer = format!("/@graph/{number}");
        let Some(vulnerability) = assessment.from.get().and_then(|id| known.get(id)) else { continue };
        let vulns = vulnerability.vulns();
        let Some(id) = vulns.first() else { continue };
        let status = STATUSES.iter().find(|(kind, _)| assessment.kind.get() == Some(kind)).map(|(_, status)| *status);
        if let Some(status) = status {
            draft.alias(vulns.iter().map(|vuln| &**vuln));
            assessment.add(draft, &pointer, status, &vulns, &known);
        } else if assessment.catalogue.get() == Some("kev") && assessment.exploited.get() == Some("true") {
            add_exploited(draft, pointer, vulns);
        } else if let Some(vector) = assessment.vector.get() {
            draft.know(pointer, id, Fact::Cvss(vector.into()));
        } else if let Some(fact) = epss(assessment.probability, assessment.percentile) {
            draft.know(pointer, id, fact);
        }
    }
}

impl Element {
    /// The CVE id of a vulnerability, else its name, and its other ids.
    fn vulns(&self) -> Vec<Box<str>> {
        let mut vulns = Vec::new();
        let cves = self.identifiers.0.iter().filter(|id| id.kind.get() == Some("cve"));
        add_ids(&mut vulns, cves.filter_map(|id| id.identifier.get()).chain(self.name.get()).take(1));
        vulns
    }

    /// A statement for each product.
    fn add(
        &self,
        draft: &mut Draft<'_>,
        pointer: &str,
        status: &str,
        vulns: &[Box<str>],
        known: &HashMap<&str, &Self>,
    ) {
        let named = |id: &str| known.get(id).map_or_else(|| id.to_owned(), |element| element.identifier());
        let assessed = self.assessed.get().map(named);
        for (number, product) in self.to.0.iter().filter_map(Said::get).map(named).enumerate() {
            let mut subject = Subject { vulns: vulns.to_vec(), ..Subject::default() };
            vex::name(&mut subject, &product);
            let mut inside = String::new();
            if let Some(assessed) = assessed.as_deref().filter(|assessed| *assessed != product) {
                if subject.image.is_none() && status != "fixed" {
                    inside = format!("in {product}");
                    subject.product = Some(product.as_str().into());
                }
                vex::name(&mut subject, assessed);
            }
            let fixed = if status == "fixed" { format!("fixed in {product}") } else { String::new() };
            let said = [&self.impact, &self.action, &self.notes].map(|text| text.get().unwrap_or_default());
            let more = [&[&*fixed, &*inside], &said[..]].concat();
            let justification = self.justification.get().map(snake).unwrap_or_default();
            let worth = vex::worth(draft.document.is_generated);
            draft.state(Statement {
                pointer: format!("{pointer}/to/{number}").into(),
                subject,
                made: self.published.get().and_then(time),
                ..vex::statement(status, &justification, worth, &more)
            });
        }
    }

    /// The package URL of a package, else another identifier, else its id.
    fn identifier(&self) -> String {
        let of = |word: &str| {
            let mut all = self.identifiers.0.iter();
            all.find(|id| id.kind.get().is_some_and(|kind| kind.starts_with(word)))?.identifier.get()
        };
        let purl = self.purl.get().or_else(|| of("packageUrl")).or_else(|| of("purl"));
        purl.or_else(|| of("cpe")).or(self.name.get()).or(self.id.get()).unwrap_or_default().to_owned()
    }
}

fn add_exploited(draft: &mut Draft<'_>, pointer: String, vulns: Vec<Box<str>>) {
    draft.state(Statement {
        pointer: pointer.into(),
        subject: Subject { vulns, ..Subject::default() },
        rung: Rung::Exploited,
        polarity: Polarity::Yes,
        basis: Basis::Intel,
        reason: reason(["in the KEV catalogue"]),
        strength: 3,
        ..Statement::default()
    });
}

/// `camelCase` as `snake_case`.
fn snake(word: &str) -> String {
    let mut snake = String::with_capacity(word.len() + 8);
    for c in word.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
