//! OpenVEX 0.2 (<https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>), and what others write: older documents
//! bare texts for vulnerabilities and products, some libraries keys without their `@`.

use crate::ingest::json::{List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::evidence::{Statement, Strength, Subject};

use super::draft::Draft;
use super::vex;
use super::words::{add_ids, time};

lenient! {
    Document {
        context: Owned = "@context",
        author: Owned = "author",
        tooling: Owned = "tooling",
        version: Owned = "version",
        made: Owned = "timestamp",
        updated: Owned = "last_updated",
        /// Of a document that names them once for all.
        products: List<Product> = "products",
        statements: List<Stated> = "statements",
    }
}

lenient! {
    Stated {
        vulnerability: Vulnerability = "vulnerability",
        products: List<Product> = "products",
        subcomponents: List<Product> = "subcomponents",
        status: Owned = "status",
        justification: Owned = "justification",
        impact: Owned = "impact_statement",
        action: Owned = "action_statement",
        notes: Owned = "status_notes",
        made: Owned = "timestamp",
        updated: Owned = "last_updated",
    }
}

lenient! {
    Vulnerability from name {
        id: Owned = "@id" | "id",
        name: Owned = "name",
        aliases: List<Owned> = "aliases",
    }
}

lenient! {
    /// A product, or a component of one.
    Product from id {
        id: Owned = "@id" | "id",
        identifiers: Identifiers = "identifiers",
        subcomponents: List<Self> = "subcomponents",
    }
}

lenient! {
    Identifiers {
        purl: Owned = "purl",
        cpe: Owned = "cpe23" | "cpe22",
    }
}

/// `https://openvex.dev/ns/v0.2.0`.
const KNOWN_VERSION: u32 = 0;
/// How govulncheck names a product that it does not know.
const UNKNOWN: &str = "Unknown Product";

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let document: Document = original.document();
    let [author, tooling] = [&document.author, &document.tooling].map(|text| text.get().unwrap_or_default());
    let generator = vex::generator(&[author, tooling]);
    draft.document.is_generated = generator.is_some();
    draft.document.tool = generator.unwrap_or(author).into();
    draft.document.version = document.version.get().map(Into::into);
    draft.dated(document.updated.get().or(document.made.get()));
    draft.of_version(document.context.get().and_then(|context| Some(context.rsplit_once("/v")?.1)), KNOWN_VERSION);
    let worth = vex::worth(draft.document.is_generated);
    for (number, stated) in document.statements.0.iter().enumerate() {
        let pointer = format!("/statements/{number}");
        let vulns = stated.vulnerability.ids();
        if vulns.is_empty() {
            draft.odd(pointer, Oddity::costly("a statement without a vulnerability", ""));
            continue;
        }
        draft.alias(vulns.iter().map(|id| &**id));
        let products = if stated.products.0.is_empty() { &document.products.0 } else { &stated.products.0 };
        if products.is_empty() {
            stated.add(draft, pointer, &vulns, worth, (None, None));
        } else {
            stated.add_each(draft, &pointer, &vulns, worth, products);
        }
    }
}

impl Stated {
    /// A statement for each product, or for each of its components where it names them.
    fn add_each(&self, draft: &mut Draft<'_>, at: &str, vulns: &[Box<str>], worth: Strength, products: &[Product]) {
        for (number, product) in products.iter().enumerate() {
            // Those of the document stand elsewhere.
            let is_here = !self.products.0.is_empty();
            let pointer = if is_here { format!("{at}/products/{number}") } else { at.to_owned() };
            let (above, components) = match product.subcomponents.0.as_slice() {
                [] => (at, self.subcomponents.0.as_slice()),
                own => (&*pointer, own),
            };
            for (number, component) in components.iter().enumerate() {
                let pointer = format!("{above}/subcomponents/{number}");
                self.add(draft, pointer, vulns, worth, (Some(product), Some(component)));
            }
            if components.is_empty() {
                self.add(draft, pointer, vulns, worth, (Some(product), None));
            }
        }
    }

    fn add(
        &self,
        draft: &mut Draft<'_>,
        pointer: String,
        vulns: &[Box<str>],
        worth: Strength,
        (product, component): (Option<&Product>, Option<&Product>),
    ) {
        let mut subject = Subject { vulns: vulns.to_vec(), ..Subject::default() };
        let id = product.map(Product::id).unwrap_or_default();
        let is_known = !matches!(id, "" | UNKNOWN);
        if is_known {
            vex::name(&mut subject, id);
        }
        let status = self.status.get().unwrap_or_default();
        let mut inside = String::new();
        if let Some(component) = component.map(Product::id).filter(|id| !id.is_empty()) {
            if subject.image.is_none() && is_known && status != "fixed" {
                inside = format!("in {id}");
                subject.product = Some(id.into());
            }
            vex::name(&mut subject, component);
        }
        let fixed = if status == "fixed" && is_known { format!("fixed in {id}") } else { String::new() };
        let (worth, unnamed) = vex::by_product(is_known, worth);
        let said = [&self.impact, &self.action, &self.notes].map(|text| text.get().unwrap_or_default());
        let more = [&[&*fixed, &*inside, unnamed], &said[..]].concat();
        let made = self.updated.get().or(self.made.get()).and_then(time);
        let verdict = vex::statement(status, self.justification.get().unwrap_or_default(), worth, &more);
        draft.state(Statement { pointer: pointer.into(), subject, made, ..verdict });
    }
}

impl Vulnerability {
    /// Its name, else the end of its address; and its other names.
    fn ids(&self) -> Vec<Box<str>> {
        let end = || self.id.get()?.rsplit('/').next();
        let name = self.name.get().filter(|name| !name.is_empty()).or_else(end);
        let mut ids: Vec<Box<str>> = Vec::new();
        add_ids(&mut ids, name.into_iter().chain(self.aliases.0.iter().filter_map(Said::get)));
        ids
    }
}

impl Product {
    /// Its package URL, else its id, else another identifier.
    fn id(&self) -> &str {
        let own = self.id.get().filter(|id| !id.is_empty());
        let purl = own.filter(|id| id.starts_with("pkg:")).or(self.identifiers.purl.get());
        purl.or(own).or(self.identifiers.cpe.get()).unwrap_or_default()
    }
}
