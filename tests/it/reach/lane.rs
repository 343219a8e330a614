//! The table of BOD 26-04 1.0.0, row by row, and the ranges of what is not known.

use std::fs;

use quell::model::priority::Impact;
use quell::model::reach::Lane;
use quell::reach::lane::{Deployer, Exploitation, Inputs, Surface, Tri, deployer_lanes, lanes, outcome};

use crate::support::shared::shared;

/// In KEV, exposed, automatable, total impact, and what is asked for.
const ROWS: [(bool, bool, bool, bool, Lane); 16] = [
    (false, false, false, false, Lane::OnUpgrade),
    (true, false, false, false, Lane::ThisSprint),
    (false, true, false, false, Lane::Scheduled),
    (false, false, true, false, Lane::Scheduled),
    (false, false, false, true, Lane::OnUpgrade),
    (true, true, false, false, Lane::ThisSprint),
    (true, false, true, false, Lane::ThisSprint),
    (false, true, true, false, Lane::ThisSprint),
    (true, false, false, true, Lane::ThisSprint),
    (false, true, false, true, Lane::ThisSprint),
    (false, false, true, true, Lane::Scheduled),
    (true, true, true, false, Lane::ActNow),
    (true, true, false, true, Lane::ActNow),
    (true, false, true, true, Lane::ActNow),
    (false, true, true, true, Lane::ActNow),
    (true, true, true, true, Lane::ActNow),
];

fn inputs(kev: Tri, exposed: Tri, automatable: Tri, total: Tri) -> Inputs {
    Inputs { in_kev: kev, is_exposed: exposed, is_automatable: automatable, is_total: total }
}

#[test]
fn each_row_of_the_table_gives_its_lane() {
    for (kev, exposed, automatable, total, lane) in ROWS {
        let known = inputs(Tri::of(kev), Tri::of(exposed), Tri::of(automatable), Tri::of(total));
        assert_eq!(lanes(known), (lane, lane), "{known:?}");
    }
}

#[test]
fn the_rows_are_those_that_are_published() {
    let Some(path) = shared("corpus/evidence/ssvc/cisa_bod_26_04.csv") else { return };
    let text = fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), ROWS.len());
    for row in rows {
        let is = |at: usize| matches!(row[at], "yes" | "total");
        let lane = match row[5] {
            "fix on system upgrade" => Lane::OnUpgrade,
            "60 days" => Lane::Scheduled,
            "14 days" => Lane::ThisSprint,
            "3 days" | "3 days & forensic investigation" => Lane::ActNow,
            other => panic!("{other}"),
        };
        assert!(ROWS.contains(&(is(1), is(2), is(3), is(4), lane)), "{row:?}");
    }
}

#[test]
fn of_what_is_not_known_both_values_are_tried() {
    let all_unknown = Inputs { in_kev: Tri::No, ..Inputs::default() };
    assert_eq!(lanes(all_unknown), (Lane::ActNow, Lane::OnUpgrade));
    let exposed = inputs(Tri::No, Tri::Yes, Tri::Unknown, Tri::No);
    assert_eq!(lanes(exposed), (Lane::ThisSprint, Lane::Scheduled));
    let internal = inputs(Tri::No, Tri::No, Tri::Unknown, Tri::Yes);
    assert_eq!(lanes(internal), (Lane::Scheduled, Lane::OnUpgrade));
}

#[test]
fn the_rows_of_the_deployer_are_those_that_are_published() {
    let Some(path) = shared("corpus/evidence/ssvc/deployer.json") else { return };
    let table: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let rows = table["mapping"].as_array().unwrap();
    assert_eq!(rows.len(), 72);
    for row in rows {
        let key = |name: &str| row[name].as_str().unwrap();
        let at = |name: &str, keys: &[&str]| keys.iter().position(|known| *known == key(name)).unwrap();
        let inputs = Deployer {
            exploitation: vec![Exploitation::ALL[at("ssvc:E:1.1.0", &["N", "P", "A"])]],
            surface: vec![Surface::ALL[at("ssvc:EXP:1.0.1", &["S", "C", "O"])]],
            is_automatable: Tri::of(key("ssvc:A:2.0.0") == "Y"),
            impact: vec![Impact::ALL[at("ssvc:HI:2.0.2", &["L", "M", "H", "VH"])]],
        };
        let (soonest, latest) = deployer_lanes(&inputs);
        let asked = outcome(soonest).chars().next().unwrap().to_ascii_uppercase().to_string();
        assert_eq!((soonest, asked.as_str()), (latest, key("ssvc:DSOI:1.0.0")), "{row}");
    }
}

#[test]
fn of_what_is_not_known_all_values_of_the_deployer_are_tried() {
    let inputs = Deployer {
        exploitation: vec![Exploitation::None, Exploitation::Poc],
        surface: Surface::ALL.to_vec(),
        is_automatable: Tri::Unknown,
        impact: vec![Impact::High],
    };
    assert_eq!(deployer_lanes(&inputs), (Lane::ThisSprint, Lane::Scheduled));
    let inputs = Deployer { exploitation: vec![Exploitation::None], impact: Impact::ALL.to_vec(), ..inputs };
    assert_eq!(deployer_lanes(&inputs), (Lane::ThisSprint, Lane::OnUpgrade));
}
