// The bugs that `plants.js` plants in what makes a proof one of the batch: the verifier, the key
// that it takes, and the public inputs. The form is that of `planted.js`.
'use strict';

const FILE = 'Groth16Verifier.sol';
const INPUTS = 'libraries/PublicInputs.sol';

const verifying = [
  {
    name: 'verifier: an input of the order or more counts',
    from: 'valid := and(valid, lt(input, R))',
    to: '',
    test: 'Groth16VerifierTest.test_verify_refusesInputsAtOrAboveTheOrder',
  },
  {
    name: 'verifier: the last input is left out',
    from: 'for { let i := 0 } lt(i, INPUTS)',
    to: 'for { let i := 0 } lt(i, 6)',
    test: 'Groth16VerifierTest.test_verify_acceptsARealProof',
  },
  {
    name: 'verifier: A has two encodings of its y',
    from: 'valid := and(valid, lt(y, Q))',
    to: '',
    test: 'Groth16VerifierTest.test_verify_refusesPointsAtInfinityThatSolveTheEquation',
  },
  {
    name: 'verifier: B may be zero',
    from: 'valid := and(valid, gt(or(bx, by), 0))',
    to: '',
    test: 'Groth16VerifierTest.test_verify_refusesPointsAtInfinityThatSolveTheEquation',
  },
  {
    name: 'verifier: C may be zero',
    from: 'valid := and(valid, gt(or(mload(add(pairs, 0x240)), mload(add(pairs, 0x260))), 0))',
    to: '',
    test: 'Groth16VerifierTest.test_verify_refusesPointsAtInfinityThatSolveTheEquation',
  },
  {
    name: 'verifier: A is not negated',
    from: 'mstore(add(pairs, 0x20), sub(Q, y))',
    to: '',
    test: 'Groth16VerifierTest.test_verify_acceptsARealProof',
  },
  {
    name: 'verifier: the answer of the pairing does not count',
    from: 'and(eq(returndatasize(), 0x20), eq(mload(work), 1))',
    to: 'eq(returndatasize(), 0x20)',
    test: 'Groth16VerifierTest.test_verify_refusesEachInputChanged',
  },
  {
    name: 'verifier: delta in the place of gamma',
    from: 'mcopy(add(pairs, 0x1c0), add(base, 0x2c0), 0x80)',
    to: 'mcopy(add(pairs, 0x1c0), add(base, 0x340), 0x80)',
    test: 'Groth16VerifierTest.test_verify_acceptsARealProof',
  },
];

const key = [
  {
    name: 'key: another number of points',
    from: 'if (key.points.length != 2 * (INPUTS + 1)) {',
    to: 'if (key.points.length < 2) {',
    test: 'Groth16VerifierTest.test_constructor_refusesAnotherNumberOfPoints',
  },
  {
    name: 'key: nothing is asked of its points',
    from: `        _requirePoints(key);
`,
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesInvalidPoints',
  },
  {
    name: 'key: a zero of alpha, beta, gamma or delta',
    from: 'if (zero) revert InvalidKeyPoint();',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesZeroPoints',
  },
  {
    name: 'key: a zero among the points of inputs',
    from: 'if ((x | y) == 0) revert InvalidKeyPoint();',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesZeroPoints',
  },
  {
    name: 'key: points outside their groups',
    from: 'if (!paired) revert InvalidKeyPoint();',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesInvalidPoints',
  },
  {
    name: 'key: points of inputs off the curve',
    from: 'if (!added) revert InvalidKeyPoint();',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesInvalidPoints',
  },
  {
    name: 'key: one point for two inputs',
    from: 'if (same) revert InvalidKeyPoint();',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesAPointTwice',
  },
  {
    name: 'key: beta is gamma or its opposite',
    from: '_sameOrOpposite(key.beta, key.gamma) || ',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesBetaOppositeToGamma',
  },
  {
    name: 'key: beta is delta or its opposite',
    from: `_sameOrOpposite(key.beta, key.delta)
            || `,
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesBetaEqualToDelta',
  },
  {
    name: 'key: gamma is delta or its opposite',
    from: '_sameOrOpposite(key.gamma, key.delta) || ',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesDeltaEqualToGamma',
  },
  {
    name: 'key: delta is the generator',
    from: ' || _sameOrOpposite(key.delta, _generator())',
    to: '',
    test: 'Groth16VerifierTest.test_constructor_refusesTheGeneratorAsDelta',
  },
  {
    name: 'key: another hash than that of the key',
    from: 'keyHash = keccak256(abi.encode(key));',
    to: 'keyHash = keccak256(code);',
    test: 'Groth16VerifierTest.test_constructor_publishesTheKeysHash',
  },
];

const inputs = [
  {
    name: 'inputs: no state before',
    from: 'three(element(pre, 0), element(pre, 1), element(pre, 2))',
    to: 'three(element(pre, 0), element(pre, 1), 0)',
    test: 'PublicInputsTest.test_pack_followsTheProtocol',
  },
  {
    name: 'inputs: no state after',
    from: 'element(post, 2), element(post, 3), element(chains, 0)',
    to: 'element(post, 2), element(post, 2), element(chains, 0)',
    test: 'PublicInputsTest.test_pack_followsTheProtocol',
  },
  {
    name: 'inputs: no chains',
    from: 'element(chains, 1), element(chains, 2), element(chains, 3)',
    to: 'element(chains, 1), element(chains, 2), element(chains, 2)',
    test: 'PublicInputsTest.test_pack_tellsStatesChainsTimeCountsAndThePoint',
  },
  {
    name: 'inputs: no point',
    from: 'inputs[4] = published.z;',
    to: '',
    test: 'PublicInputsTest.test_pack_tellsStatesChainsTimeCountsAndThePoint',
  },
  {
    name: 'inputs: no top of the evaluation',
    from: 'published.y >> 248 | ',
    to: '',
    test: 'PublicInputsTest.test_pack_followsTheProtocol',
  },
  {
    name: 'inputs: no time',
    from: 'uint256(batch.timestamp) << 32 | ',
    to: '',
    test: 'PublicInputsTest.test_pack_tellsStatesChainsTimeCountsAndThePoint',
  },
  {
    name: 'inputs: no number of L1 words',
    from: ' | published.l1Words << 64',
    to: '',
    test: 'PublicInputsTest.test_pack_tellsStatesChainsTimeCountsAndThePoint',
  },
  {
    name: 'point: no data',
    from: 'dataReference,\n                l1Hash,',
    to: 'bytes32(0),\n                l1Hash,',
    test: 'PublicInputsTest.test_point_changesWithEveryPart',
  },
  {
    name: 'point: no chains',
    from: 'batch.chains,\n                uint256(batch.number),',
    to: 'bytes32(0),\n                uint256(batch.number),',
    test: 'PublicInputsTest.test_point_changesWithEveryPart',
  },
  {
    name: 'point: no number',
    from: 'uint256(batch.number),',
    to: 'uint256(0),',
    test: 'PublicInputsTest.test_point_changesWithEveryPart',
  },
];

const of = (file, plants) => plants.map((plant) => ({ file, ...plant }));

module.exports = [...of(FILE, verifying), ...of(FILE, key), ...of(INPUTS, inputs)];
