//! A small ERC-20 as EVM code, which moves every amount that it is asked to move and checks
//! nothing. Slot `a` of its storage is the balance of account `a`, modulo 2^256.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol;
use alloy::sol_types::SolCall;

use crate::l1::anvil::Anvil;

sol! {
    function balanceOf(address account) external returns (uint256);
}

/// Puts it at an address.
pub(super) async fn install(anvil: &Anvil, place: Address) {
    let () = anvil.rpc("anvil_setCode", (place, Bytes::from(code()))).await;
}

pub(super) async fn balance(anvil: &Anvil, token: Address, account: Address) -> U256 {
    use alloy::network::TransactionBuilder;
    use alloy::providers::Provider;
    let call = balanceOfCall { account }.abi_encode();
    let request = alloy::rpc::types::TransactionRequest::default().with_to(token).with_input(call);
    U256::from_be_slice(&anvil.provider().call(request).await.expect("an answer"))
}

fn code() -> Vec<u8> {
    /// PUSH1 offset, CALLDATALOAD.
    const fn argument(offset: u8) -> [u8; 3] {
        [0x60, offset, 0x35]
    }
    // The selector: PUSH0, CALLDATALOAD, PUSH1 224, SHR.
    let selector = [0x5f, 0x35, 0x60, 0xe0, 0x1c];
    // DUP1, PUSH4 selector, EQ, PUSH1 target, JUMPI.
    let transfer_from = [0x80, 0x63, 0x23, 0xb8, 0x72, 0xdd, 0x14, 0x60, 0x23, 0x57];
    let transfer = [0x80, 0x63, 0xa9, 0x05, 0x9c, 0xbb, 0x14, 0x60, 0x30, 0x57];
    // PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
    let answer = [0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];
    // JUMPDEST; then amount, recipient and sender are put on the stack and PUSH1 move, JUMP.
    let move_to = [0x60, 0x3b, 0x56];
    let balance_of = [&argument(4)[..], &[0x54], &answer].concat();
    let from = [&[0x5b], &argument(0x04)[..], &argument(0x24), &argument(0x44), &move_to].concat();
    let own = [&[0x5b, 0x33], &argument(0x04)[..], &argument(0x24), &move_to].concat();
    // JUMPDEST; with sender, recipient, amount: DUP1, DUP3, SLOAD, ADD, DUP3, SSTORE adds to the
    // recipient; DUP3, SLOAD, SUB, DUP3, SSTORE takes from the sender.
    let moved = [0x5b, 0x80, 0x82, 0x54, 0x01, 0x82, 0x55, 0x82, 0x54, 0x03, 0x82, 0x55];
    // PUSH1 1 is the answer.
    let code = [&selector[..], &transfer_from, &transfer, &balance_of, &from, &own].concat();
    [&code[..], &moved, &[0x60, 0x01], &answer].concat()
}
