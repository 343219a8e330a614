//! One search over the tree for all packages that findings are about.

use std::collections::{BTreeMap, HashMap};

use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::evidence::{Entry, Polarity, Rung, Strength};
use crate::model::exposure::Exposure;
use crate::model::role::Role;
use crate::model::text::counted;
use crate::reach::package::Coordinates;

use super::declared::{self, Asked, Declared, Place, is_manifest};
use super::ecosystem::{ECOSYSTEMS, ecosystem_of, name_of, plain, source_of};
use super::lock::{Gap, Locks, Needs};
use super::modules::{candidates, modules};
use super::named::{Names, is_setting};
use super::said::Said;
use super::texts::Texts;

/// The most manifests and lock files that are read, and the largest one in bytes.
const MAX_MANIFESTS: usize = 5_000;
const MAX_MANIFEST: u64 = 16 << 20;
/// The longest name of a package that is looked for, and the most packages.
const MAX_NAME: usize = 250;
const MAX_PACKAGES: usize = 20_000;

/// Packages by ecosystem and plain name, with the results about them.
pub(super) type Wanted = BTreeMap<(usize, String), Vec<ResultIdx>>;

/// The packages of a backlog whose imports can be read.
pub(super) fn wanted(backlog: &Backlog) -> Wanted {
    let mut wanted = Wanted::new();
    let mut known: HashMap<(&str, &str), Option<(usize, String)>> = HashMap::new();
    for (result, package) in &backlog.packages {
        let record = backlog.record(*result);
        // What was found in an image may not come from this tree.
        if backlog.run(record).image.is_some() {
            continue;
        }
        let path = backlog.path(record);
        let place = if package.purl.is_some() { "" } else { path };
        let key = (package.purl.as_deref().unwrap_or(&package.name), place);
        let named = known.entry(key).or_insert_with(|| {
            let coordinates = Coordinates::of(package);
            let ecosystem = ecosystem_of(coordinates.kind(), path)?;
            let name = plain(ecosystem, coordinates.name());
            (name.len() <= MAX_NAME).then_some((ecosystem, name))
        });
        if let Some(named) = named.as_ref().filter(|named| wanted.len() < MAX_PACKAGES || wanted.contains_key(*named)) {
            wanted.entry(named.clone()).or_default().push(*result);
        }
    }
    wanted
}

/// Looks for all of them at once.
pub(super) fn search(
    texts: &Texts<'_>,
    wanted: Wanted,
    exposure: &dyn Fn(&str) -> Exposure,
    take: &mut dyn FnMut(Said, &[ResultIdx]),
) {
    if wanted.is_empty() {
        return;
    }
    let (names, results): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
    let found = Found::search(texts, &names, exposure);
    for (package, results) in found.packages.iter().zip(results) {
        take(found.said(package), &results);
    }
}

/// What was found of each package, and how much was looked at.
struct Found {
    packages: Vec<Package>,
    /// Sources by ecosystem.
    looked_at: Vec<usize>,
    /// Why the search is not finished, where it is not.
    unread: Option<String>,
    declared: Declared,
    /// By ecosystem.
    needs: Vec<Result<Needs, Gap>>,
}

/// A package that is looked for, and its first places in the order of paths.
#[derive(Debug, Default)]
struct Package {
    ecosystem: usize,
    name: String,
    modules: Vec<String>,
    has_known_modules: bool,
    imported: Option<Place>,
    /// The worst of the sources that import it, with the one that has it.
    exposure: Option<(Exposure, Place)>,
    /// By tests, examples, documentation and build files.
    imported_aside: Option<Place>,
    named: Option<Place>,
}

/// What one file says: packages with lines.
#[derive(Default)]
struct InFile {
    imports: Vec<(usize, u32)>,
    named: Vec<(usize, u32)>,
}

impl Found {
    fn search(texts: &Texts<'_>, wanted: &[(usize, String)], exposure: &dyn Fn(&str) -> Exposure) -> Self {
        let is_wanted = |ecosystem: usize| wanted.iter().any(|(of, _)| *of == ecosystem);
        let (mut declared, mut locks) = (Declared::new(), Locks::default());
        let manifests = texts.own().filter(|path| is_manifest(path) || name_of(path) == "environment.yml");
        for (number, path) in manifests.enumerate() {
            let text = texts.text(path, MAX_MANIFEST).filter(|_| number < MAX_MANIFESTS);
            if let Some(text) = &text {
                declared::read(path, text, &mut declared);
            }
            locks.read(path, text.as_deref());
        }
        let installed = installed(texts);
        let mut packages: Vec<Package> = Vec::with_capacity(wanted.len());
        for (ecosystem, name) in wanted {
            let modules = modules(*ecosystem, name, installed.get(name).map(Vec::as_slice));
            packages.push(Package {
                ecosystem: *ecosystem,
                name: name.clone(),
                modules: modules.names,
                has_known_modules: modules.is_known,
                ..Package::default()
            });
        }
        let mut by_module: HashMap<(usize, &str), Vec<usize>> = HashMap::new();
        let mut names = Vec::new();
        for (number, package) in packages.iter().enumerate() {
            for module in &package.modules {
                by_module.entry((package.ecosystem, module)).or_default().push(number);
            }
            if ECOSYSTEMS[package.ecosystem].is_loaded_by_name {
                names.extend(package.modules.iter().chain([&package.name]).map(|name| (name.clone(), number)));
            }
        }
        let has_names = !names.is_empty();
        let names = Names::new(names);
        let unsearched = (has_names && names.is_none()).then(|| "their names could not be looked for".to_owned());
        let is_read = |path: &str| source_of(path).map_or_else(|| is_setting(path), is_wanted);
        let looked = texts.each(is_read, |path, text| in_file(path, text, &by_module, names.as_ref()));
        let mut looked_at = vec![0; ECOSYSTEMS.len()];
        for (path, file) in &looked.files {
            if let Some(of) = source_of(path) {
                looked_at[of] += 1;
            }
            add(path, file, exposure, &mut packages);
        }
        let needs = (0..ECOSYSTEMS.len()).map(|ecosystem| locks.needs(ecosystem, &declared)).collect();
        Self { packages, looked_at, unread: looked.unread.or(unsearched), declared, needs }
    }

    /// What all of it says of a package.
    fn said(&self, package: &Package) -> Said {
        let asked = self.declared.get(&(package.ecosystem, package.name.clone())).cloned().unwrap_or_default();
        let needs = self.needs_of(package);
        let needed_by = needs.and_then(|needs| needs.needed_by(&package.name));
        let is_own = needs.is_some_and(|needs| needs.has_graph) && needed_by.is_none();
        if let Some(place) = &package.imported {
            return self.imported(package, place, is_own);
        }
        let is_in_production =
            asked.for_production.is_some() || needs.is_some_and(|needs| needs.is_in_production(&package.name));
        let is_locked = needs.is_some_and(|needs| needs.knows(&package.name) || asked.for_development.is_some());
        let is_known_apart = is_locked && !is_in_production;
        if let Some(place) = &package.imported_aside {
            // Another package may use what own code does not.
            let is_last = asked.for_production.is_some() && is_own && package.named.is_none() && self.unread.is_none();
            return imported_aside(is_known_apart || is_last).at(place);
        }
        if let Some(place) = package.named.as_ref().filter(|_| !is_known_apart) {
            return said("not imported, but named here, so something may load it by its name").at(place);
        }
        if let (Some(place), None) = (&asked.for_development, &asked.for_production) {
            let said = said(&format!("asked for in development alone, and imported by no source{}", self.gap(package)));
            return for_development(said, if is_known_apart { 2 } else { 1 }).at(place);
        }
        self.not_imported(package, &asked, needed_by, is_known_apart)
    }

    /// Where a source imports it; `is_own` where no other package does, as far as lock files say.
    fn imported(&self, package: &Package, first: &Place, is_own: bool) -> Said {
        let is_all_known = is_own && package.named.is_none() && self.unread.is_none();
        let (exposure, place, words) = match &package.exposure {
            Some((Exposure::Internet, place)) => {
                (Some(Exposure::Internet), place, "imported, in code that runs where the internet reaches")
            }
            Some((Exposure::Internal, place)) if is_all_known => {
                (Some(Exposure::Internal), place, "imported, in code alone that runs where the internet does not reach")
            }
            _ => (None, first, "imported"),
        };
        Said { polarity: Polarity::Yes, strength: 1, exposure, ..said(words) }.at(place)
    }

    fn needs_of(&self, package: &Package) -> Option<&Needs> {
        self.needs.get(package.ecosystem)?.as_ref().ok()
    }

    /// Why it is not known what production holds, where something can be done about it.
    fn gap(&self, package: &Package) -> String {
        let gap = self.needs.get(package.ecosystem).and_then(|needs| needs.as_ref().err()?.as_ref());
        gap.map(|words| format!("; {words}")).unwrap_or_default()
    }

    /// Where nothing imports or names it.
    fn not_imported(&self, package: &Package, asked: &Asked, needed_by: Option<&str>, is_known_apart: bool) -> Said {
        let ecosystem = &ECOSYSTEMS[package.ecosystem];
        let count = self.looked_at.get(package.ecosystem).copied().unwrap_or_default();
        let files =
            counted(count, &format!("file of {}", ecosystem.language), &format!("files of {}", ecosystem.language));
        let looked = format!("none of {files} imports {}", package.modules.join(" or "));
        if is_known_apart {
            let words = format!("by the lock file it comes with what is asked for in development alone; {looked}");
            return for_development(said(&words), 2);
        }
        let doubt = if let Some(why) = &self.unread {
            why.clone()
        } else if !ecosystem.can_deny {
            "it may be loaded without an import".to_owned()
        } else if count == 0 {
            "there is no source that could".to_owned()
        } else if !package.has_known_modules || asked.is_renamed {
            "under which name it is imported is not known".to_owned()
        } else if let Some(other) = needed_by {
            format!("it comes with {other}, whose code was not looked at")
        } else if let Some(place) = &asked.for_production {
            let has_graph = self.needs_of(package).is_some_and(|needs| needs.has_graph);
            let (strength, doubt) = if has_graph {
                (2, "no package of the lock file needs it, and no setting names it")
            } else {
                (1, "no setting names it, and no lock file says whether another package needs it")
            };
            let doubt = format!("{doubt}{}", self.gap(package));
            let said = said(&format!("not imported: {looked}, {doubt}"));
            return Said { polarity: Polarity::No, strength, ..said }.at(place);
        } else {
            format!("no manifest asks for it, so it comes with another package{}", self.gap(package))
        };
        said(&format!("whether it is used is not known: {looked}, and {doubt}"))
    }
}

fn said(words: &str) -> Said {
    Said::of(Rung::Imported, words.to_owned())
}

/// Where only what does not run in production imports it.
fn imported_aside(is_alone: bool) -> Said {
    let (strength, words) = if is_alone {
        (2, "imported by tests, examples or build files alone")
    } else {
        (1, "imported by tests, examples or build files; whether another package uses it is not known")
    };
    Said { polarity: Polarity::Yes, strength, entry: Entry::Test, ..said(words) }
}

/// What production does not hold.
fn for_development(said: Said, strength: Strength) -> Said {
    Said { rung: Rung::Present, polarity: Polarity::Yes, strength, entry: Entry::Build, ..said }
}

fn in_file(path: &str, text: &str, by_module: &HashMap<(usize, &str), Vec<usize>>, names: Option<&Names>) -> InFile {
    let mut found = InFile::default();
    if let Some(ecosystem) = source_of(path) {
        (ECOSYSTEMS[ecosystem].imports)(text, &mut |import| {
            for module in candidates(ecosystem, import.module) {
                let of = by_module.get(&(ecosystem, module.as_str()));
                found.imports.extend(of.into_iter().flatten().map(|package| (*package, import.line)));
            }
        });
    }
    if let Some(names) = names.filter(|_| !is_aside(path) || Role::of(path) == Role::Build) {
        // The name in an import is that import.
        let InFile { imports, named } = &mut found;
        names.in_file(path, text, &mut |package, line| {
            if !imports.contains(&(package, line)) {
                named.push((package, line));
            }
        });
    }
    found
}

/// Whether what a file imports is not part of what runs in production.
pub(super) fn is_aside(path: &str) -> bool {
    match Role::of(path) {
        Role::Test | Role::Example | Role::Documentation | Role::Build => true,
        Role::Source | Role::Generated | Role::Vendored => false,
    }
}

/// Adds what a file says, where it is the first to say it.
fn add(path: &str, file: &InFile, exposure: &dyn Fn(&str) -> Exposure, packages: &mut [Package]) {
    let place = |line: u32| Place { file: path.to_owned(), line };
    for (number, line) in &file.imports {
        let Some(package) = packages.get_mut(*number) else { continue };
        if is_aside(path) {
            package.imported_aside.get_or_insert_with(|| place(*line));
            continue;
        }
        package.imported.get_or_insert_with(|| place(*line));
        let exposure = exposure(path);
        if package.exposure.as_ref().is_none_or(|(known, _)| badness(*known) < badness(exposure)) {
            package.exposure = Some((exposure, place(*line)));
        }
    }
    for (number, line) in &file.named {
        if let Some(package) = packages.get_mut(*number) {
            package.named.get_or_insert_with(|| place(*line));
        }
    }
}

/// What is not known may be reached.
fn badness(exposure: Exposure) -> u8 {
    match exposure {
        Exposure::Internal => 0,
        Exposure::Unknown => 1,
        Exposure::Internet => 2,
    }
}

/// The modules of packages of Python that are installed in the tree, by plain name, as their metadata says it.
fn installed(texts: &Texts<'_>) -> HashMap<String, Vec<String>> {
    let python = ECOSYSTEMS.iter().position(|one| one.kind == "pypi").unwrap_or_default();
    let mut all = HashMap::new();
    for path in texts.paths().filter(|path| path.ends_with(".dist-info/top_level.txt")) {
        let folder = path.rsplit('/').nth(1).unwrap_or_default();
        let Some((name, _)) = folder.strip_suffix(".dist-info").and_then(|name| name.split_once('-')) else { continue };
        let Some(text) = texts.text(path, MAX_MANIFEST) else { continue };
        all.insert(plain(python, name), text.lines().map(|line| line.trim().to_owned()).collect());
    }
    all
}
