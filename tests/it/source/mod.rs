mod highlight;
mod snippet;
