//! The tree against the vectors of RFC 6962's own implementation, another implementation, and the definition.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is not as it should be"
)]

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ledger::Hash;
use ledger::MemoryTree;
use ledger::consistency_proof;
use ledger::inclusion_proof;
use ledger::leaf_hash;
use ledger::node_hash;
use ledger::root;
use ledger::verify_consistency;
use ledger::verify_inclusion;
use proptest::prelude::*;
use sha2::Sha256;

/// Entries of the tests of Certificate Transparency, and the roots of the first one, two, … of them.
const VECTORS: [(&[u8], &str); 8] = [
    (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    (b"\x00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (b"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    (b"\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    (b"\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    (b"\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    (b"\x50\x51\x52\x53\x54\x55\x56\x57", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The definition of RFC 6962, section 2.1, word for word.
fn defined(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => unreachable!("no test asks for it"),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&defined(left), &defined(right))
        }
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    let mut tree = MemoryTree::default();
    assert_eq!(hex(&tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (entry, root) in VECTORS {
        tree.push(leaf_hash(entry));
        assert_eq!(hex(&tree.root()), root);
    }
}

#[test]
fn every_small_tree_is_as_defined_and_as_another_implementation_has_it() {
    let leaves = leaves(70);
    let tree = MemoryTree::of(leaves.iter().copied());
    let mut theirs = MemoryBackedTree::<Sha256, [u8; 8]>::new();
    for size in 1..=70_u64 {
        theirs.push((size - 1).to_be_bytes());
        let head = root(&tree, size).unwrap();
        assert_eq!(head, defined(&leaves[..size as usize]));
        assert_eq!(head.as_slice(), theirs.root().as_bytes().as_slice());
        for index in 0..size {
            let proof = inclusion_proof(&tree, index, size).unwrap();
            assert_eq!(proof.concat(), theirs.prove_inclusion(index as usize).as_bytes());
            assert!(verify_inclusion(&leaves[index as usize], index, size, &proof, &head), "{index} of {size}");
        }
        for old in 1..=size {
            let proof = consistency_proof(&tree, old, size).unwrap();
            if old < size {
                assert_eq!(
                    proof.concat(),
                    theirs.prove_consistency((size - old) as usize).as_bytes(),
                    "{old} of {size}"
                );
            }
            assert!(verify_consistency(old, &tree.root_of(old), size, &head, &proof), "{old} of {size}");
        }
    }
}

#[test]
fn what_is_not_there_has_no_proof() {
    let tree = MemoryTree::of(leaves(9));
    assert!(inclusion_proof(&tree, 9, 9).is_err());
    assert!(consistency_proof(&tree, 0, 9).is_err());
    assert!(consistency_proof(&tree, 10, 9).is_err());
}

proptest! {
    /// A proof shows one entry at one place of one tree, and nothing else.
    #[test]
    fn a_changed_proof_shows_nothing(size in 1..600_u64, index in 0..600_u64, other in 0..700_u64, bit in 0..256_usize, at in 0..12_usize) {
        let index = index % size;
        let leaves = leaves(size);
        let tree = MemoryTree::of(leaves.iter().copied());
        let head = tree.root();
        let leaf = leaves[index as usize];
        let proof = inclusion_proof(&tree, index, size).unwrap();
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &head));
        prop_assert!(other == index || !verify_inclusion(&leaf, other, size, &proof, &head));
        let mut wrong = leaf;
        wrong[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!verify_inclusion(&wrong, index, size, &proof, &head));
        let mut longer = proof.clone();
        longer.push(head);
        prop_assert!(!verify_inclusion(&leaf, index, size, &longer, &head));
        if !proof.is_empty() {
            let mut changed = proof.clone();
            let at = at % proof.len();
            changed[at][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!verify_inclusion(&leaf, index, size, &changed, &head));
            prop_assert!(!verify_inclusion(&leaf, index, size, &proof[1..], &head));
        }
    }

    /// A consistency proof holds between two heads, and between no others.
    #[test]
    fn a_changed_past_is_not_consistent(size in 2..600_u64, old in 1..600_u64, changed in 0..600_u64) {
        let old = 1 + old % (size - 1);
        let changed = changed % old;
        let mut leaves = leaves(size);
        let before = MemoryTree::of(leaves.iter().copied().take(old as usize)).root();
        let tree = MemoryTree::of(leaves.iter().copied());
        let proof = consistency_proof(&tree, old, size).unwrap();
        prop_assert!(verify_consistency(old, &before, size, &tree.root(), &proof));
        leaves[changed as usize] = leaf_hash(b"another");
        let other = MemoryTree::of(leaves.iter().copied());
        let proof = consistency_proof(&other, old, size).unwrap();
        prop_assert!(!verify_consistency(old, &before, size, &other.root(), &proof));
    }
}
