fn main() {
    let mut p = Vec::new();
    p.extend(vrl::stdlib::all());
    println!("{}", p.len());
}
