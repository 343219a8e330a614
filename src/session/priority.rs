//! `[priority]` of the user's settings: the table of the lanes and the weights of the score. What is wrong costs only
//! itself, and is named.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::priority::{Impact, Priority, Table, Weight, Weights};

/// As it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    table: Option<String>,
    human_impact: Option<String>,
    /// By service.
    human_impact_of: BTreeMap<String, String>,
    weights: BTreeMap<String, toml::Value>,
}

impl Section {
    /// What it says, and what is wrong with it, each in a line that names its place.
    pub(super) fn read(self, source: &str) -> (Priority, Vec<String>) {
        let mut wrong = Vec::new();
        let mut word = |place: &str, text: &str, words: Vec<&str>| {
            if !words.contains(&text) {
                wrong.push(format!("{place} is {text}, which is none of {}", words.join(", ")));
            }
        };
        if let Some(text) = &self.table {
            word("priority.table", text, Table::ALL.iter().map(|table| table.name()).collect());
        }
        let impacts = || Impact::ALL.iter().map(|impact| impact.name()).collect();
        if let Some(text) = &self.human_impact {
            word("priority.human_impact", text, impacts());
        }
        for (service, text) in &self.human_impact_of {
            word(&format!("priority.human_impact_of.{service}"), text, impacts());
        }
        let impact = self.human_impact.as_deref().and_then(Impact::parse);
        let stated = self.human_impact_of.into_iter();
        let impacts = stated.filter_map(|(service, text)| Some((service, Impact::parse(&text)?))).collect();
        let mut table = self.table.as_deref().and_then(Table::parse).unwrap_or_default();
        if table == Table::SsvcDeployer && impact.is_none() {
            wrong.push(format!(
                "priority.table is {}, which needs priority.human_impact: one of low, medium, high, very-high",
                table.name()
            ));
            table = Table::default();
        }
        let (weights, unfit) = weights(self.weights);
        wrong.extend(unfit);
        (Priority { table, impact, impacts, weights, source: source.to_owned() }, wrong)
    }
}

fn weights(stated: BTreeMap<String, toml::Value>) -> (Weights, Vec<String>) {
    let (mut weights, mut wrong) = (Weights::default(), Vec::new());
    for (name, value) in stated {
        let Some(weight) = Weight::parse(&name) else {
            let known: Vec<&str> = Weight::ALL.iter().map(|weight| weight.name()).collect();
            wrong.push(format!("priority.weights.{name} is none of {}", known.join(", ")));
            continue;
        };
        let points = value.as_integer().and_then(|points| i32::try_from(points).ok());
        match points.map(|points| weights.set(weight, points)) {
            None => wrong.push(format!("priority.weights.{name} is {value}, and takes a whole number")),
            Some(Err(reason)) => wrong.push(format!("priority.weights.{reason}")),
            Some(Ok(())) => {}
        }
    }
    let conflicts = weights.conflicts();
    if conflicts.is_empty() {
        return (weights, wrong);
    }
    wrong.extend(
        conflicts
            .into_iter()
            .map(|reason| format!("priority.weights.{reason}: what is surer or worse counts for more")),
    );
    (Weights::default(), wrong)
}
