// The bugs that `plants.js` plants, one at a time.
//
// `from` must be in `file` (below src/) exactly once. `test` is the narrowest test that must go
// red. With `walk`, the stateful test of the invariants must go red, too: it knows no bug by name.
'use strict';

const verifier = require('./planted_verifier.js');

const WAITING = 'if (index < self.head || index >= self.tail)';
const SETTLED = 'consumed * _firstPrice + bonds';
const DEPOSIT = `payable
        locked
        running
        returns (uint64 index)
    {
        uint256 due = _charge(amount, 0);`;
const POWER = `for (uint256 i = 0; i < 12; i++) {
            power = mulmod(power, power, field);`;

const leaving = [
  {
    name: 'a slot escapes twice',
    file: 'stages/Leaving.sol',
    from: 'escaped[slot.index] = true;',
    to: '',
    test: 'SheafLeavingTest.test_escape_refusesASecondTime',
    walk: true,
  },
  {
    name: 'an escape needs no path',
    file: 'stages/Leaving.sol',
    from: 'if (SlotTree.root(slot, owner, siblings) != frozenRoot) revert NotInTree(slot.index);',
    to: '',
    test: 'SheafLeavingTest.test_escape_refusesAnotherPath',
  },
  {
    name: 'an escape needs no freeze',
    file: 'stages/Leaving.sol',
    from: `locked ended {
        bytes24 owner`,
    to: `locked {
        bytes24 owner`,
    test: 'SheafLeavingTest.test_escapeAndRefund_refusedWhileTheRollupRuns',
  },
  {
    name: 'an escape pays whoever sends it',
    file: 'stages/Leaving.sol',
    from: '_payouts.credit(account, slot.token',
    to: '_payouts.credit(msg.sender, slot.token',
    test: 'SheafLeavingTest.test_escape_creditsTheAddressInTheOwner',
    walk: true,
  },
  {
    name: 'a balance plus the order of the field escapes',
    file: 'libraries/SlotTree.sol',
    from: 'if (slot.balance >> 62 != 0) revert ISheaf.InvalidBalance(slot.balance);',
    to: '',
    test: 'SheafLeavingTest.test_escape_refusesABalanceThatNobodyHas',
  },
  {
    name: 'a freeze opens any State',
    file: 'stages/Leaving.sol',
    from: 'if (Digests.state(root, nextSlot, domain) != state) revert OtherState(state);',
    to: '',
    test: 'SheafLeavingTest.test_freeze_refusesAnotherRootOrNumberOfSlots',
  },
  {
    name: 'a freeze before the delay',
    file: 'stages/Leaving.sol',
    from: 'if (block.timestamp <= earliest) revert TooEarlyToFreeze(earliest);',
    to: '',
    test: 'SheafLeavingTest.test_freeze_refusesUntilAnExitHasWaitedLongEnough',
    walk: true,
  },
  {
    name: 'a deposit joins a frozen rollup',
    file: 'stages/Requests.sol',
    from: DEPOSIT,
    to: DEPOSIT.replace('running', ''),
    test: 'SheafLeavingTest.test_frozen_isForEver',
    walk: true,
  },
  {
    name: 'a refund twice',
    file: 'libraries/RequestQueue.sol',
    from: 'waiting.sender = address(0);',
    to: '',
    test: 'SheafRefundTest.test_refund_refusesASecondTime',
    walk: true,
  },
  {
    name: 'a refund of a consumed deposit',
    file: 'libraries/RequestQueue.sol',
    from: WAITING,
    to: 'if (index >= self.tail)',
    test: 'SheafRefundTest.test_refund_refusesARequestThatABatchConsumed',
    walk: true,
  },
];

const queue = [
  {
    name: 'the bond of an exit always comes back',
    file: 'stages/Batches.sol',
    from: 'if (amount == 0) bonds += exitBond;',
    to: 'if (amount == 0) _payouts.credit(_queue.senderOf(next), ETHER, exitBond, 0);',
    test: 'SheafQueueTest.test_bond_ofAnExitThatPaysNothingGoesToWhoeverFinalised',
    walk: true,
  },
  {
    name: 'the surge goes to whoever finalises',
    file: 'stages/Batches.sol',
    from: 'uint64 bonds;',
    to: `uint64 bonds = uint64(l1Words.length / 64)
            * ((_firstPrice << _queue.doublings()) - _firstPrice);`,
    test: 'SheafQueueTest.test_surge_staysLocked',
    walk: true,
  },
  {
    name: 'a price for requests that still wait',
    file: 'stages/Batches.sol',
    from: SETTLED,
    to: '(_queue.tail - head) * _firstPrice + bonds',
    test: 'SheafQueueTest.test_price_isForConsumedRequestsAlone',
    walk: true,
  },
  {
    name: 'exits that were answered still count as waiting',
    file: 'libraries/RequestQueue.sol',
    from: 'self.exitHead += exits;',
    to: '',
    test: 'SheafDeadlineTest.test_operator_isBoundASecondAfterTheSecondDelay',
    walk: true,
  },
  {
    name: 'the ring has no bound',
    file: 'libraries/RequestQueue.sol',
    from: 'if (waiting > mostBefore) revert ISheaf.QueueFull(waiting);',
    to: '',
    test: 'SheafQueueTest.test_exits_stopBeforeTheLastPlace',
  },
  {
    name: 'requests are consumed that nobody made',
    file: 'libraries/RequestQueue.sol',
    from: 'next > self.tail || chain != chainBefore(self, next)',
    to: 'next > self.tail',
    test: 'SheafMoneyTest.test_finalise_refusesRequestsOutOfOrderSkippedOrInvented',
    walk: true,
  },
  {
    name: 'an exit pays whoever finalises',
    file: 'stages/Batches.sol',
    from: '_payouts.credit(_queue.senderOf(next), Words.token(a)',
    to: '_payouts.credit(msg.sender, Words.token(a)',
    test: 'SheafQueueTest.test_bond_comesBackWithAnExitThatPays',
    walk: true,
  },
];

const rights = [
  {
    name: 'an old exit does not bind the operator',
    file: 'stages/Batches.sol',
    from: 'overdueAfter = _queue.oldestExitTimestamp() + 2 * silenceDelay;',
    to: 'overdueAfter = RequestQueue.NEVER;',
    test: 'SheafDeadlineTest.test_operator_cannotVoidAStandInsProofs',
    walk: true,
  },
  {
    name: 'anybody finalises at any time',
    file: 'stages/Batches.sol',
    from: 'if (block.timestamp <= silentAfter) revert OperatorNotSilent(silentAfter);',
    to: '',
    test: 'SheafRolesTest.test_operator_handsOverInTwoSteps',
    walk: true,
  },
  {
    name: 'a stand-in need not cure the delay',
    file: 'stages/Batches.sol',
    from: 'overdueAfter = _silentAfter();',
    to: 'overdueAfter = RequestQueue.NEVER;',
    test: 'SheafRolesTest.test_standIn_hasNoRightsOfTheOperator',
    walk: true,
  },
  {
    name: 'a contract finalises with calldata',
    file: 'stages/Batches.sol',
    from: `        _requireReadable();
        Words.count`,
    to: '        Words.count',
    test: 'SheafBlobsTest.test_aContractMayFinaliseWithBlobsButNotWithCalldata',
  },
  {
    name: 'a takeover while the operator works',
    file: 'stages/Succession.sol',
    from: 'if (block.timestamp <= earliest) revert TooEarlyToTakeOver(earliest);',
    to: '',
    test: 'SheafRolesTest.test_takeOver_refusedForTwoDelaysAfterAnyBatchOfTheOperator',
    walk: true,
  },
  {
    name: 'the bond of a lease comes back though a request is overdue',
    file: 'stages/Succession.sol',
    from: 'silent ? _operator.role.holder : leaseholder',
    to: 'leaseholder',
    test: 'SheafRolesTest.test_endLease_whileARequestIsOverdue_theBondIsTheHolders',
    walk: true,
  },
  {
    name: 'anybody accepts a role on offer',
    file: 'libraries/Roles.sol',
    from: 'if (msg.sender != self.offered) revert ISheaf.Unauthorised(msg.sender, self.offered);',
    to: '',
    test: 'SheafRolesTest.test_accept_onlyOnceAndOnlyTheRoleOnOffer',
    walk: true,
  },
];

const money = [
  {
    name: 'claimFor pays whoever calls',
    file: 'stages/Claims.sol',
    from: '_claim(account, number, account)',
    to: '_claim(account, number, msg.sender)',
    test: 'SheafTokensTest.test_claimFor_paysTheAccountAndNobodyElse',
    walk: true,
  },
  {
    name: 'a payout is claimed twice',
    file: 'libraries/Payouts.sol',
    from: 'payout.amount -= taken.amount;',
    to: '',
    test: 'SheafTokensTest.test_claimFor_paysTheAccountAndNobodyElse',
    walk: true,
  },
  {
    name: 'a bond is claimed twice',
    file: 'libraries/Payouts.sol',
    from: 'payout.bond = 0;',
    to: '',
    test: 'SheafTokensTest.test_outflowLimit_ofEtherHoldsBackAmountsButNotBonds',
    walk: true,
  },
  {
    name: 'the outflow of ether is not counted',
    file: 'libraries/Tokens.sol',
    from: 'if (get(self, number).outflowLimit == 0) return;',
    to: 'if (number == 0 || get(self, number).outflowLimit == 0) return;',
    test: 'SheafTokensTest.test_outflowLimit_ofEtherHoldsBackAmountsButNotBonds',
  },
  {
    name: 'a deposit counts what was sent, not what arrived',
    file: 'libraries/Transfers.sol',
    from: 'received = afterwards - before;',
    to: 'received = amount;',
    test: 'SheafMoneyTest.test_depositToken_creditsWhatArrives',
    walk: true,
  },
  {
    name: 'the money of others pays a fee on the sender',
    file: 'libraries/Transfers.sol',
    from: 'before > afterwards && before - afterwards > amount',
    to: 'before > afterwards && before - afterwards > 2 * amount',
    test: 'SheafMoneyTest.test_claim_thatWouldTakeOthersMoneyKeepsTheClaim',
    walk: true,
  },
  {
    name: 'a token calls back in',
    file: 'stages/Foundation.sol',
    from: 'if (_entered) revert Reentered();',
    to: '',
    test: 'SheafMoneyTest.test_depositToken_locksEveryDoor',
    walk: true,
  },
];

const proofs = [
  {
    name: 'a batch needs no proof',
    file: 'stages/Batches.sol',
    from: 'revert InvalidProof();',
    to: '',
    test: 'SheafTest.test_finalise_refusesAProofOfAnythingElse',
    walk: true,
  },
  {
    name: 'the value of a blob is not confirmed',
    file: 'libraries/Blobs.sol',
    from: 'if (!valid || answer.length != 64) revert ISheaf.WrongBlobValue(versionedHash);',
    to: '',
    test: 'SheafBlobsTest.test_finaliseBlobs_refusesAProofOfOtherWordsThanTheBlobs',
  },
  {
    name: 'the data reference leaves the number of blobs out',
    file: 'libraries/Blobs.sol',
    from: 'values[0] = count;',
    to: '',
    test: 'SheafBlobsTest.test_finaliseBlobs_saysWhatNamesTheBlobs',
  },
  {
    name: 'the second blob counts z^4095 times',
    file: 'libraries/Blobs.sol',
    from: POWER,
    to: POWER.replace('< 12', '< 11').replace(
      'mulmod(power, power, field)', 'mulmod(mulmod(power, power, field), z, field)'
    ),
    test: 'SheafBlobsTest.test_twoBlobs_inEitherOrder',
  },
  {
    name: 'the point leaves the L1 words out',
    file: 'libraries/PublicInputs.sol',
    from: `l1Hash,
                pre,`,
    to: `bytes32(0),
                pre,`,
    test: 'BindingOmissionsTest.test_model_isTheRealPoint',
  },
  {
    name: 'a word of more than 248 bits',
    file: 'libraries/Words.sol',
    from: 'if (union >> 248 != 0) revert ISheaf.WordTooLarge();',
    to: '',
    test: 'SheafTest.test_finalise_refusesWordsOf249Bits',
  },
  {
    name: 'time runs backwards',
    file: 'stages/Batches.sol',
    from: 'batch.timestamp < last.timestamp || ',
    to: '',
    test: 'SheafTest.test_finalise_refusesTimeThatRunsBackwards',
  },
  {
    name: 'the key is not the expected one',
    file: 'stages/Foundation.sol',
    from: 'if (keyHash != configuration.keyHash) revert OtherKey(keyHash, configuration.keyHash);',
    to: '',
    test: 'SheafDeploymentTest.test_constructor_refusesAVerifierWithAnotherKey',
  },
  {
    name: 'a key under which proofs can be forged',
    file: 'Groth16Verifier.sol',
    from: 'if (related) revert RelatedKeyPoints();',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesDeltaOppositeToGamma',
  },
];

module.exports = [...leaving, ...queue, ...rights, ...money, ...proofs, ...verifier];
