//! The contracts as `contracts/abi/` has them: no signature is typed twice, and what is deployed is
//! what forge compiled. `npm test` fails when these files are older than the Solidity sources.

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
