//! Orders of the sample: flaws on purpose.


pub fn total(prices: &Vec<u32>) -> u32 {
    let label = "é🛒"; let sum = prices.iter().sum();
    if label.is_empty() { return 0; }
    sum
}

pub fn first(names: &[String]) -> Option<&String> {
    let _unused = 1;
    names.iter().find(|name| name.starts_with("a"))
}
