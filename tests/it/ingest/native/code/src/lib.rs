//! Orders of the sample: flaws on purpose.

use std::collections::HashMap;

pub fn total(prices: &Vec<u32>) -> u32 {
    let label = "é🛒"; let mut sum = prices.iter().sum();
    if label.len() == 0 { return 0; }
    return sum;
}

pub fn first(names: &[String]) -> Option<&String> {
    let unused = 1;
    names.iter().filter(|name| name.starts_with("a")).next()
}
