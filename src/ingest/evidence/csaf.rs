//! CSAF 2.0 and 2.1 (<https://docs.oasis-open.org/csaf/csaf/>): the status of products, of which the product tree says
//! what they are and which are components of others.

use std::collections::HashMap;

use crate::ingest::advisory;
use crate::ingest::json::{Entries, List, Owned, Rare, Real, Said, lenient};
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::evidence::{Fact, Statement, Strength, Subject};

use super::draft::Draft;
use super::vex;
use super::words::{add_ids, epss, time};

lenient! {
    Csaf {
        document: About = "document",
        tree: Tree = "product_tree",
        vulnerabilities: List<Vulnerability> = "vulnerabilities",
    }
}

lenient! {
    About {
        schema: Owned = "csaf_version",
        publisher: Named = "publisher",
        tracking: Tracking = "tracking",
    }
}

lenient! {
    Named {
        name: Owned = "name",
        version: Owned = "version",
    }
}

lenient! {
    Tracking {
        version: Owned = "version",
        current: Owned = "current_release_date",
        generator: Generator = "generator",
    }
}

lenient! {
    Generator {
        engine: Named = "engine",
    }
}

lenient! {
    Tree {
        branches: List<Branch> = "branches",
        products: List<Product> = "full_product_names",
        groups: List<Group> = "product_groups",
        relationships: List<Relationship> = "relationships",
    }
}

lenient! {
    Branch {
        branches: List<Self> = "branches",
        product: Rare<Product> = "product",
    }
}

lenient! {
    Product {
        id: Owned = "product_id",
        name: Owned = "name",
        helper: Helper = "product_identification_helper",
    }
}

lenient! {
    Helper {
        purl: Owned = "purl",
        purls: List<Owned> = "purls",
        cpe: Owned = "cpe",
    }
}

lenient! {
    Group {
        id: Owned = "group_id",
        products: List<Owned> = "product_ids",
    }
}

lenient! {
    Relationship {
        component: Owned = "product_reference",
        product: Owned = "relates_to_product_reference",
        both: Product = "full_product_name",
    }
}

lenient! {
    Vulnerability {
        cve: Owned = "cve",
        ids: List<Id> = "ids",
        status: Entries<List<Owned>> = "product_status",
        flags: List<Remark> = "flags",
        threats: List<Remark> = "threats",
        remediations: List<Remark> = "remediations",
        scores: List<Score> = "scores",
        metrics: List<Metric> = "metrics",
    }
}

lenient! {
    Id {
        text: Owned = "text",
    }
}

lenient! {
    /// A flag, a threat or a remediation: something said of some products.
    Remark {
        label: Owned = "label",
        category: Owned = "category",
        details: Owned = "details",
        date: Owned = "date",
        products: List<Owned> = "product_ids",
        groups: List<Owned> = "group_ids",
    }
}

lenient! {
    Score {
        v2: Vector = "cvss_v2",
        v3: Vector = "cvss_v3",
        v4: Vector = "cvss_v4",
        epss: Epss = "epss",
    }
}

lenient! {
    Metric {
        content: Score = "content",
    }
}

lenient! {
    Vector {
        vector: Owned = "vectorString",
    }
}

lenient! {
    Epss {
        probability: Real = "probability",
        percentile: Real = "percentile",
    }
}

/// Kinds of product status, and the status of OpenVEX that each is. Others are kept as they are.
const STATUSES: &[(&str, &str)] = &[
    ("known_not_affected", "not_affected"),
    ("known_affected", "affected"),
    ("first_affected", "affected"),
    ("last_affected", "affected"),
    ("fixed", "fixed"),
    ("first_fixed", "fixed"),
];

/// How many components of components are followed.
const MAX_NESTED: usize = 8;

/// What a product is.
struct Known {
    name: String,
    /// A package URL, else a CPE.
    identifier: Option<String>,
    /// What it is a component of, and which component.
    inside: Option<(String, String)>,
}

/// 2.0 and 2.1.
const KNOWN_VERSION: u32 = 2;

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let csaf: Csaf = original.document();
    let About { schema, publisher, tracking } = &csaf.document;
    draft.of_version(schema.get(), KNOWN_VERSION);
    let engine = &tracking.generator.engine;
    let [author, engine] = [&publisher.name, &engine.name].map(|text| text.get().unwrap_or_default());
    let generator = vex::generator(&[author, engine]);
    draft.document.is_generated = generator.is_some();
    draft.document.tool = generator.unwrap_or(author).into();
    draft.document.version = tracking.version.get().map(Into::into);
    draft.dated(tracking.current.get());
    let catalogue = Catalogue::of(&csaf.tree);
    for (number, vulnerability) in csaf.vulnerabilities.0.iter().enumerate() {
        catalogue.add(draft, &format!("/vulnerabilities/{number}"), vulnerability);
    }
}

/// The product tree, flat.
struct Catalogue {
    products: HashMap<String, Known>,
    groups: HashMap<String, Vec<String>>,
}

/// What is said of each product of a vulnerability; under the empty id of all.
type Remarks<'v> = HashMap<String, &'v Remark>;

impl Catalogue {
    fn of(tree: &Tree) -> Self {
        let mut products = HashMap::new();
        tree.branches.0.iter().for_each(|branch| branch.register(&mut products));
        tree.products.0.iter().for_each(|product| product.register(None, &mut products));
        for relationship in &tree.relationships.0 {
            let inside = relationship.product.0.clone().zip(relationship.component.0.clone());
            relationship.both.register(inside, &mut products);
        }
        let texts = |list: &List<Owned>| list.0.iter().filter_map(|text| text.0.clone()).collect();
        let group = |group: &Group| Some((group.id.0.clone()?, texts(&group.products)));
        Self { products, groups: tree.groups.0.iter().filter_map(group).collect() }
    }

    fn add(&self, draft: &mut Draft<'_>, pointer: &str, vulnerability: &Vulnerability) {
        let vulns = vulnerability.vulns();
        let Some(id) = vulns.first().cloned() else {
            draft.odd(pointer, Oddity::costly("a vulnerability without an id", ""));
            return;
        };
        draft.alias(vulns.iter().map(|vuln| &**vuln));
        vulnerability.add_scores(draft, pointer, &id);
        let flags = self.remarks(&vulnerability.flags, |flag| flag.label.get().is_some());
        let impacts = self.remarks(&vulnerability.threats, |threat| threat.category.get() == Some("impact"));
        let fixes = self.remarks(&vulnerability.remediations, |fix| fix.category.get() == Some("vendor_fix"));
        let worth = vex::worth(draft.document.is_generated);
        for (kind, products) in &vulnerability.status.0 {
            for (number, product) in products.0.iter().enumerate() {
                let product = product.get().unwrap_or_default();
                let said = [&flags, &impacts, &fixes].map(|of| of.get(product).or_else(|| of.get("")).copied());
                let statement = self.statement(worth, kind, product, said);
                let subject = Subject { vulns: vulns.clone(), ..statement.subject };
                let pointer = format!("{pointer}/product_status/{kind}/{number}").into();
                draft.state(Statement { pointer, subject, ..statement });
            }
        }
    }

    /// What is said of each product, the first where several say something.
    fn remarks<'v>(&self, remarks: &'v List<Remark>, is_meant: fn(&Remark) -> bool) -> Remarks<'v> {
        let mut all = Remarks::new();
        for remark in remarks.0.iter().filter(|remark| is_meant(remark)) {
            let groups = remark.groups.0.iter().filter_map(|group| self.groups.get(group.get()?)).flatten();
            let products = remark.products.0.iter().filter_map(Said::get).chain(groups.map(String::as_str));
            let mut products = products.peekable();
            if products.peek().is_none() {
                all.entry(String::new()).or_insert(remark);
            }
            for product in products {
                all.entry(product.to_owned()).or_insert(remark);
            }
        }
        all
    }

    fn statement(
        &self,
        worth: Strength,
        kind: &str,
        product: &str,
        [flag, impact, fix]: [Option<&Remark>; 3],
    ) -> Statement {
        let status = STATUSES.iter().find(|(known, _)| *known == kind).map_or(kind, |(_, status)| *status);
        let label = flag.and_then(|flag| flag.label.get());
        let impact = impact.and_then(|impact| impact.details.get()).unwrap_or_default();
        // Some write the label as the details of a threat.
        let by_impact = Some(impact.trim()).filter(|details| vex::is_justification(details));
        let justification = if status == "not_affected" { label.or(by_impact).unwrap_or_default() } else { "" };
        let impact = if impact.trim() == justification { "" } else { impact };
        let (mut subject, whole, component) = self.subject(product);
        let fixed = if status == "fixed" { format!("fixed in {whole}") } else { String::new() };
        let inside = if component && status != "fixed" { format!("in {whole}") } else { String::new() };
        subject.product = (!inside.is_empty()).then(|| Box::from(&*whole));
        let fix = fix.and_then(|fix| fix.details.get()).filter(|_| status == "affected").unwrap_or_default();
        let native = if matches!(kind, "first_affected" | "last_affected") { kind } else { "" };
        let more = [native, &*fixed, &*inside, impact, fix];
        let made = flag.and_then(|flag| flag.date.get()).and_then(time);
        Statement { subject, made, ..vex::statement(status, justification, worth, &more) }
    }

    /// What a product is as a subject, what it is called, and whether it is a component of that.
    fn subject(&self, id: &str) -> (Subject, String, bool) {
        let mut subject = Subject::default();
        let (mut at, mut whole) = (id, None);
        for _ in 0..MAX_NESTED {
            let Some((product, component)) = self.products.get(at).and_then(|known| known.inside.as_ref()) else {
                break;
            };
            whole.get_or_insert(product);
            at = component;
        }
        let known = self.products.get(at);
        let name = known.and_then(|known| known.identifier.as_deref().or(Some(&known.name))).unwrap_or(at);
        if let Some(image) = whole.and_then(|whole| self.products.get(whole)?.identifier.as_deref())
            && ["pkg:oci/", "pkg:docker/"].iter().any(|kind| image.starts_with(kind))
        {
            vex::name(&mut subject, image);
        }
        vex::name(&mut subject, name);
        let called = |id: &str| self.products.get(id).map_or(id, |known| &known.name).to_owned();
        (subject, called(whole.map_or(at, String::as_str)), whole.is_some())
    }
}

impl Branch {
    fn register(&self, products: &mut HashMap<String, Known>) {
        if let Some(product) = self.product.get() {
            product.register(None, products);
        }
        self.branches.0.iter().for_each(|branch| branch.register(products));
    }
}

impl Product {
    fn register(&self, inside: Option<(String, String)>, products: &mut HashMap<String, Known>) {
        let Some(id) = self.id.get() else { return };
        let Helper { purl, purls, cpe } = &self.helper;
        let identifier = purl.get().or_else(|| purls.0.iter().find_map(Said::get)).or(cpe.get());
        let name = self.name.get().unwrap_or(id).to_owned();
        products.insert(id.to_owned(), Known { name, identifier: identifier.map(str::to_owned), inside });
    }
}

impl Vulnerability {
    /// Its CVE id and those of other catalogues, else what its author calls it: other ids are often numbers of a
    /// tracker.
    fn vulns(&self) -> Vec<Box<str>> {
        let others = || self.ids.0.iter().filter_map(|id| id.text.get()).filter(|id| !id.is_empty());
        let public = others().filter(|id| advisory::starts_with_id(id));
        let mut vulns: Vec<Box<str>> = Vec::new();
        add_ids(&mut vulns, self.cve.get().into_iter().chain(public));
        if vulns.is_empty() {
            add_ids(&mut vulns, others().take(1));
        }
        vulns
    }

    fn add_scores(&self, draft: &mut Draft<'_>, pointer: &str, id: &str) {
        let scores = self.scores.0.iter().enumerate().map(|(at, score)| (format!("{pointer}/scores/{at}"), score));
        let metrics = self.metrics.0.iter().enumerate();
        let metrics = metrics.map(|(at, metric)| (format!("{pointer}/metrics/{at}/content"), &metric.content));
        for (pointer, score) in scores.chain(metrics) {
            let Score { v2, v3, v4, .. } = score;
            for vector in [v2, v3, v4].into_iter().filter_map(|vector| vector.vector.get()) {
                draft.know(&*pointer, id, Fact::Cvss(vector.into()));
            }
            if let Some(fact) = epss(score.epss.probability, score.epss.percentile) {
                draft.know(&*pointer, id, fact);
            }
        }
    }
}
