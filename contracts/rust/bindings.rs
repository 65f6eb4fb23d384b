//! The contracts' interfaces and bytecode, generated from `contracts/abi/`. So no signature is
//! written twice, and Rust deploys the code that forge compiled. `npm test` fails when the files in
//! `contracts/abi/` do not match the Solidity sources.

#![allow(missing_docs, reason = "the interface's NatSpec is the documentation")]
#![allow(clippy::too_many_arguments, reason = "the arguments are the contract's")]

use alloy::sol;

sol!(
    #[sol(rpc, all_derives)]
    Sheaf,
    "abi/Sheaf.json"
);

sol!(
    #[sol(rpc, all_derives)]
    Groth16Verifier,
    "abi/Groth16Verifier.json"
);

sol!(
    #[sol(rpc, all_derives)]
    DevelopmentVerifier,
    "abi/DevelopmentVerifier.json"
);
