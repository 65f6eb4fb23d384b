// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Groth16Verifier} from "../src/Groth16Verifier.sol";
import {BatchFixture} from "./support/BatchFixture.sol";

contract Groth16VerifierTest is BatchFixture {
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 private constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;

    /// A precompile that refuses a point burns what it was given: enough, but not all there is.
    uint256 private constant GAS = 2_000_000;

    Groth16Verifier private verifier;

    function setUp() external {
        readProof();
        verifier = new Groth16Verifier(key);
    }

    function test_verify_acceptsARealProof() external {
        vm.assertTrue(verifier.verify(proof, inputs), "the fixture's proof");
        vm.snapshotGasLastCall("Groth16Verifier", "verify");
    }

    function test_verify_refusesEachInputChanged(uint256 place, uint256 value) external {
        place = bound(place, 0, 6);
        vm.assume(value % R != inputs[place]);
        inputs[place] = value % R;
        vm.assertFalse(check(), "changed input");
    }

    function test_verify_refusesInputsAtOrAboveTheOrder() external {
        for (uint256 i = 0; i < 7; i++) {
            uint256 honest = inputs[i];
            for (uint256 k = 1; k <= 5; k++) {
                inputs[i] = honest + k * R;
                vm.assertFalse(check(), "a second encoding");
            }
            inputs[i] = type(uint256).max;
            vm.assertFalse(check(), "largest number");
            inputs[i] = honest;
        }
        vm.assertTrue(check(), "restored");
    }

    function test_verify_refusesEachChangedBit(uint256 place, uint256 bit) external {
        proof[bound(place, 0, 7)] ^= 1 << bound(bit, 0, 255);
        vm.assertFalse(check(), "changed bit");
    }

    function test_verify_refusesOddCoordinates() external {
        for (uint256 i = 0; i < 8; i++) {
            uint256 honest = proof[i];
            uint256[5] memory odd = [uint256(0), 1, Q - 1, Q, honest + Q];
            for (uint256 j = 0; j < 5; j++) {
                proof[i] = odd[j];
                vm.assertFalse(check(), "odd coordinate");
            }
            proof[i] = honest;
        }
        vm.assertTrue(check(), "restored");
    }

    function test_verify_refusesPointsAtInfinity() external {
        uint256[8] memory honest = proof;
        (proof[0], proof[1]) = (0, 0);
        vm.assertFalse(check(), "A at infinity");
        (proof[0], proof[1]) = (0, Q);
        vm.assertFalse(check(), "A at infinity, negated");
        proof = honest;
        (proof[2], proof[3], proof[4], proof[5]) = (0, 0, 0, 0);
        vm.assertFalse(check(), "B at infinity");
        proof = honest;
        (proof[6], proof[7]) = (0, 0);
        vm.assertFalse(check(), "C at infinity");
        uint256[8] memory zeros;
        vm.assertFalse(verifier.verify(zeros, inputs), "nothing");
    }

    /// @dev With known secrets, proofs with a point at infinity solve the equation.
    function test_verify_refusesPointsAtInfinityThatSolveTheEquation() external {
        knownKey();
        verifier = new Groth16Verifier(key);
        inputs = [uint256(0), 0, 0, 0, 0, 0, 0];
        uint256[4] memory b = generator();
        // 6·1 = 1·1 + 1·2 + 1·3.
        uint256[2] memory six = multiple(6);
        proof = [six[0], six[1], b[0], b[1], b[2], b[3], 1, 2];
        vm.assertTrue(check(), "a proof by the secrets");
        // 0 = 1·1 + 1·2 - 1·3.
        proof = [uint256(0), Q, b[0], b[1], b[2], b[3], 1, Q - 2];
        vm.assertFalse(check(), "A at infinity");
        proof = [uint256(1), 2, 0, 0, 0, 0, 1, Q - 2];
        vm.assertFalse(check(), "B at infinity");
        // 3·1 = 1·1 + 1·2 + 0.
        uint256[2] memory three = multiple(3);
        proof = [three[0], three[1], b[0], b[1], b[2], b[3], 0, 0];
        vm.assertFalse(check(), "C at infinity");
    }

    function test_verify_refusesAnotherKeysProof() external {
        // Delta and gamma of the same key in each other's place: valid points, another key.
        Groth16Verifier.Key memory other = key;
        key.gamma = other.delta;
        key.delta = other.gamma;
        verifier = new Groth16Verifier(key);
        vm.assertFalse(check(), "another key");
    }

    function test_verify_refusesPointsOutsideTheGroupOfG2() external {
        (uint256[4] memory point) = outsideTheGroup();
        for (uint256 i = 0; i < 4; i++) {
            proof[2 + i] = point[i];
        }
        vm.assertFalse(check(), "wrong subgroup");
    }

    function test_constructor_publishesTheKeysHash() external view {
        vm.assertEq(verifier.keyHash(), keccak256(abi.encode(key)), "hash");
    }

    /// @dev Every ceremony writes the generator as gamma: the second phase changes delta alone.
    function test_constructor_takesTheGeneratorAsGamma() external {
        key.gamma = generator();
        new Groth16Verifier(key);
    }

    /// @dev C = -X: the last two pairings merge into e(X + C, gamma) = 1, and A = alpha, B = beta.
    function test_constructor_refusesDeltaEqualToGamma() external {
        key.delta = key.gamma;
        refuse(Groth16Verifier.RelatedKeyPoints.selector);
    }

    /// @dev C = X: e(X - C, gamma) = 1, and A = alpha, B = beta.
    function test_constructor_refusesDeltaOppositeToGamma() external {
        key.delta = opposite(key.gamma);
        refuse(Groth16Verifier.RelatedKeyPoints.selector);
    }

    /// @dev A = X, B = gamma, C = -alpha: e(alpha + C, beta) = 1.
    function test_constructor_refusesBetaEqualToDelta() external {
        key.beta = key.delta;
        refuse(Groth16Verifier.RelatedKeyPoints.selector);
    }

    /// @dev A = X, B = gamma, C = alpha: e(alpha - C, beta) = 1.
    function test_constructor_refusesBetaOppositeToDelta() external {
        key.beta = opposite(key.delta);
        refuse(Groth16Verifier.RelatedKeyPoints.selector);
    }

    /// @dev A = C = alpha + X, B = beta + delta: e(alpha + X, beta) e(C, delta) = e(A, B).
    function test_constructor_refusesBetaEqualToGamma() external {
        key.beta = key.gamma;
        refuse(Groth16Verifier.RelatedKeyPoints.selector);
    }

    /// @dev A = C = alpha - X, B = beta + delta: e(alpha - X, beta) e(C, delta) = e(A, B).
    function test_constructor_refusesBetaOppositeToGamma() external {
        key.beta = opposite(key.gamma);
        refuse(Groth16Verifier.RelatedKeyPoints.selector);
    }

    /// @dev A setup without its second phase. The points of the first phase are public, so anyone
    /// computes gamma times X without gamma and takes it back in C, of either sign.
    function test_constructor_refusesTheGeneratorAsDelta() external {
        key.delta = generator();
        refuse(Groth16Verifier.RelatedKeyPoints.selector);
        key.delta = opposite(generator());
        refuse(Groth16Verifier.RelatedKeyPoints.selector);
    }

    /// @dev What makes two of the refusals above necessary: the pairings of the forged proof.
    function test_relatedKeys_couldBeForged() external view {
        uint256[2] memory x = [key.points[0], key.points[1]];
        uint256[2] memory alpha = key.alpha;
        // Delta is gamma: A = alpha, B = beta, C = -X.
        requireForged([alpha, x, opposite(x)], key.beta, [key.beta, key.gamma, key.gamma]);
        // Delta is -gamma: A = alpha, B = beta, C = X.
        requireForged([alpha, x, x], key.beta, [key.beta, key.gamma, opposite(key.gamma)]);
        // Beta is delta: A = X, B = gamma, C = -alpha.
        requireForged([x, x, opposite(alpha)], key.gamma, [key.delta, key.gamma, key.delta]);
        // Beta is -delta: A = X, B = gamma, C = alpha.
        requireForged([x, x, alpha], key.gamma, [opposite(key.delta), key.gamma, key.delta]);
    }

    function test_constructor_refusesAnotherNumberOfPoints() external {
        uint256[] memory points = key.points;
        for (uint256 count = 0; count <= 18; count++) {
            if (count == 16) continue;
            key.points = new uint256[](count);
            for (uint256 i = 0; i < count; i++) {
                key.points[i] = points[i % 16];
            }
            bytes4 selector = Groth16Verifier.WrongPointCount.selector;
            vm.expectRevert(abi.encodeWithSelector(selector, count, 16));
            this.deploy{gas: GAS}();
        }
    }

    function test_constructor_refusesZeroPoints() external {
        Groth16Verifier.Key memory honest = key;
        key.alpha = [uint256(0), 0];
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
        key = honest;
        key.beta = [uint256(0), 0, 0, 0];
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
        key = honest;
        key.gamma = [uint256(0), 0, 0, 0];
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
        key = honest;
        key.delta = [uint256(0), 0, 0, 0];
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
        key = honest;
        for (uint256 i = 0; i < 8; i++) {
            (key.points[2 * i], key.points[2 * i + 1]) = (0, 0);
            refuse(Groth16Verifier.InvalidKeyPoint.selector);
            key = honest;
        }
    }

    function test_constructor_refusesInvalidPoints() external {
        Groth16Verifier.Key memory honest = key;
        key.alpha[1] += 1;
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
        key = honest;
        key.beta[0] += 1;
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
        key = honest;
        key.gamma[1] += 1;
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
        key = honest;
        key.delta = outsideTheGroup();
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
        key = honest;
        for (uint256 i = 0; i < 16; i++) {
            key.points[i] += 1;
            refuse(Groth16Verifier.InvalidKeyPoint.selector);
            key = honest;
        }
    }

    function test_constructor_refusesAPointTwice() external {
        (key.points[14], key.points[15]) = (key.points[4], key.points[5]);
        refuse(Groth16Verifier.InvalidKeyPoint.selector);
    }

    /// @dev e(A, B) = e(alpha, beta) e(X, gamma) e(C, delta) with X at inputs of zero.
    /// @param g1 A, X and C.
    /// @param b B.
    /// @param g2 Beta, gamma and delta.
    function requireForged(uint256[2][3] memory g1, uint256[4] memory b, uint256[4][3] memory g2)
        private
        view
    {
        bytes memory pairs = bytes.concat(
            abi.encode(opposite(g1[0]), b, key.alpha, g2[0]), abi.encode(g1[1], g2[1], g1[2], g2[2])
        );
        (bool valid, bytes memory answer) = address(8).staticcall(pairs);
        vm.assertTrue(valid, "points");
        vm.assertEq(abi.decode(answer, (uint256)), 1, "forged");
    }

    function opposite(uint256[2] memory point) private pure returns (uint256[2] memory) {
        return [point[0], (Q - point[1]) % Q];
    }

    function opposite(uint256[4] memory point) private pure returns (uint256[4] memory) {
        return [point[0], point[1], (Q - point[2]) % Q, (Q - point[3]) % Q];
    }

    /// @dev alpha = 1, beta = 1, gamma = 2, delta = 3, X at inputs of zero = 1.
    function knownKey() private {
        key.alpha = [uint256(1), 2];
        key.beta = generator();
        key.gamma = [
            0x203e205db4f19b37b60121b83a7333706db86431c6d835849957ed8c3928ad79,
            0x27dc7234fd11d3e8c36c59277c3e6f149d5cd3cfa9a62aee49f8130962b4b3b9,
            0x195e8aa5b7827463722b8c153931579d3505566b4edf48d498e185f0509de152,
            0x04bb53b8977e5f92a0bc372742c4830944a59b4fe6b1c0466e2a6dad122b5d2e
        ];
        key.delta = [
            0x1014772f57bb9742735191cd5dcfe4ebbc04156b6878a0a7c9824f32ffb66e85,
            0x06064e784db10e9051e52826e192715e8d7e478cb09a5e0012defa0694fbc7f5,
            0x021e2335f3354bb7922ffcc2f38d3323dd9453ac49b55441452aeaca147711b2,
            0x058e1d5681b5b9e0074b0f9c8d2c68a069b920d74521e79765036d57666c5597
        ];
        for (uint256 i = 0; i < 8; i++) {
            uint256[2] memory point = multiple(i + 1);
            (key.points[2 * i], key.points[2 * i + 1]) = (point[0], point[1]);
        }
    }

    /// @dev A multiple of the generator of G1.
    function multiple(uint256 scalar) private view returns (uint256[2] memory) {
        (bool valid, bytes memory answer) = address(7).staticcall(abi.encode(1, 2, scalar));
        vm.assertTrue(valid, "a point");
        return abi.decode(answer, (uint256[2]));
    }

    function refuse(bytes4 selector) private {
        vm.expectRevert(selector);
        this.deploy{gas: GAS}();
    }

    /// @dev A call of its own: a refused `new` would end the test.
    function deploy() external {
        new Groth16Verifier(key);
    }

    function check() private view returns (bool) {
        return verifier.verify{gas: GAS}(proof, inputs);
    }

    function generator() private pure returns (uint256[4] memory) {
        return [
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        ];
    }

    /// @dev On the twist, but not of the prime order: the twist has many more points.
    function outsideTheGroup() private pure returns (uint256[4] memory) {
        return [
            uint256(0),
            1,
            0x0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4,
            0x2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb
        ];
    }
}
