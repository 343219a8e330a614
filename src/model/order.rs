//! What every query over a backlog needs and no query changes: the orders of the list, and paths as search reads them.

use std::cmp::Reverse;

use rayon::slice::ParallelSliceMut;

use super::backlog::{Arena, Backlog, FindingIdx};

/// Made once for a backlog, when it is first asked for ([`Backlog::order`]); 4 bytes a finding and order.
#[derive(Debug, Default)]
pub struct Order {
    /// All findings by path, line and id.
    pub by_place: Vec<FindingIdx>,
    /// All findings, worst severity first, among equals those with a CWE (a weakness) before those without (style,
    /// hygiene), those with a flow before those without, those with several results before those with one, then as in
    /// `by_place`: the list as it stands without a sort.
    pub by_severity: Vec<FindingIdx>,
    /// Place of each path among all paths, in the order of `Backlog::paths`.
    pub path_rank: Vec<u32>,
    /// The paths in lower case, in the order of `Backlog::paths`.
    pub paths: Arena,
}

impl Order {
    /// Sorts a backlog. Findings without a path come last.
    pub(super) fn of(backlog: &Backlog) -> Self {
        let mut paths = Arena::default();
        for path in &backlog.paths {
            paths.push(&path.text.to_lowercase());
        }
        let path_rank = ranks(backlog);
        let by_place = by_place(backlog, &path_rank);
        let mut by_severity = by_place.clone();
        by_severity.sort_by_key(|&finding| {
            let finding = backlog.finding(finding);
            (Reverse(finding.severity), finding.cwe.is_empty(), finding.flows == 0, finding.members.len() < 2)
        });
        Self { by_place, by_severity, path_rank, paths }
    }
}

fn ranks(backlog: &Backlog) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..).take(backlog.paths.len()).collect();
    sorted.par_sort_unstable_by_key(|&path| backlog.paths[path as usize].text.as_str());
    let mut ranks = vec![0; sorted.len()];
    for (rank, path) in (0..).zip(sorted) {
        ranks[path as usize] = rank;
    }
    ranks
}

fn by_place(backlog: &Backlog, path_rank: &[u32]) -> Vec<FindingIdx> {
    let mut keys: Vec<_> = (0..)
        .zip(&backlog.findings)
        .map(|(finding, entry)| {
            let lead = backlog.lead(finding);
            let rank = path_rank.get(lead.path as usize).copied().unwrap_or(u32::MAX);
            (rank, lead.line, entry.id, finding)
        })
        .collect();
    keys.par_sort_unstable();
    keys.into_iter().map(|(.., finding)| finding).collect()
}
