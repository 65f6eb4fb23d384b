// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Sheaf} from "../src/Sheaf.sol";
import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Requester} from "./support/Requester.sol";

/// @notice A contract that finalises: a multisig, say.
contract BlobSender {
    function send(
        Sheaf sheaf,
        ISheaf.Batch calldata batch,
        bytes calldata l1Words,
        ISheaf.Blob[] calldata blobs,
        uint256[8] calldata proof
    ) external {
        sheaf.finaliseBlobs(batch, l1Words, blobs, proof);
    }

    function sendCalldata(Sheaf sheaf, ISheaf.Batch calldata batch, uint256[8] calldata proof)
        external
    {
        sheaf.finalise(batch, "", "", proof);
    }
}

/// @notice Batches whose data words travel in blobs, with the real precompile of EIP-4844.
/// @dev The commitments to the polynomials 0, 1 and X are known without a library: infinity, the
/// generator of G1, and the generator times the ceremony's secret (`g1_monomial[1]` of the trusted
/// setup). So are their values at z, which are 0, 1 and z, and the proofs of these values:
/// infinity, infinity and the generator.
contract SheafBlobsTest is Requester {
    enum Polynomial {
        Zero,
        One,
        X
    }

    struct Attempt {
        ISheaf.Batch batch;
        bytes l1Words;
        ISheaf.Blob[] blobs;
        uint256[8] proof;
    }

    /// A precompile that refuses burns what it was given: enough, but not all there is.
    uint256 private constant GAS = 3_000_000;
    uint256 private constant WORDS = 4_096;
    bytes private constant INFINITY = hex"c0000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000";
    bytes private constant GENERATOR = hex"97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
        hex"a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb";
    bytes private constant SECRET = hex"ad3eb50121139aa34db1d545093ac9374ab7bca2c0f3bf28"
        hex"e27c8dcd8fc7cb42d25926fc0c97b336e9f0fb35e5a04c81";

    function test_oneBlob_ofEachPolynomial() external {
        for (uint256 i = 0; i < 3; i++) {
            requireTaken(attempt(list(Polynomial(i)), ""));
        }
    }

    function test_emptyBatch_isABlobOfZeros() external {
        Attempt memory empty = attempt(list(Polynomial.Zero), "");
        vm.assertEq(empty.blobs[0].y, 0, "nothing");
        requireTaken(empty);
    }

    function test_finaliseBlobs_saysWhatNamesTheBlobs() external {
        Polynomial[] memory polynomials = list(Polynomial.X, Polynomial.One);
        Attempt memory made = attempt(polynomials, "");
        bytes32 first = versionedHash(SECRET);
        bytes32 second = versionedHash(GENERATOR);
        bytes32 dataReference = keccak256(abi.encode(2, first, second));
        vm.expectEmit(address(sheaf));
        emit ISheaf.BatchFinalised(
            1,
            sheaf.state(),
            made.batch.postState,
            made.batch.timestamp,
            0,
            keccak256(""),
            dataReference
        );
        requireTaken(made);
    }

    /// @dev The stream runs on from blob to blob: the second one counts z^4096 times.
    function test_twoBlobs_inEitherOrder() external {
        requireTaken(attempt(list(Polynomial.One, Polynomial.X), ""));
        requireTaken(attempt(list(Polynomial.X, Polynomial.One), ""));
        requireTaken(attempt(list(Polynomial.Zero, Polynomial.X), ""));
    }

    function test_sixBlobs() external {
        Polynomial[] memory six = new Polynomial[](6);
        for (uint256 i = 0; i < 6; i++) {
            six[i] = Polynomial((i + 1) % 3);
        }
        requireTaken(attempt(six, PlainWords.pair(0, 4, 0, 0, 1)));
    }

    function test_blobs_goOnAfterL1Words() external {
        bytes memory deposit = request(5);
        bytes memory payout = PlainWords.pair(3, 4, 0, 0, 77);
        requireTaken(attempt(list(Polynomial.X, Polynomial.One), bytes.concat(deposit, payout)));
        vm.assertEq(sheaf.pending(address(77), 0).amount, 3, "paid");
        vm.assertEq(sheaf.pending(OPERATOR, 0).amount, PRICE, "price");
        (uint64 head,) = sheaf.queue();
        vm.assertEq(head, 1, "consumed");
    }

    function test_blobs_ofATransactionBeyondTheBatchsOwnDoNotCount() external {
        Attempt memory made = attempt(list(Polynomial.One), "");
        setBlobs(list(Polynomial.One, Polynomial.X));
        requireTaken(made);
    }

    function test_finaliseBlobs_refusesAnotherBlobThanTheTransactions() external {
        Attempt memory made = attempt(list(Polynomial.One), "");
        setBlobs(list(Polynomial.X));
        refuse(made, wrongValue(SECRET));
    }

    function test_finaliseBlobs_refusesABlobThatTheTransactionDoesNotHave() external {
        Attempt memory made = attempt(list(Polynomial.One, Polynomial.One), "");
        setBlobs(list(Polynomial.One));
        refuse(made, abi.encodeWithSelector(ISheaf.MissingBlob.selector, 1));
        setBlobs(new Polynomial[](0));
        refuse(made, abi.encodeWithSelector(ISheaf.MissingBlob.selector, 0));
    }

    function test_finaliseBlobs_refusesAnotherValue() external {
        Attempt memory made = attempt(list(Polynomial.X, Polynomial.One), "");
        uint256 y = made.blobs[0].y;
        made.blobs[0].y = y + 1;
        refuse(made, wrongValue(SECRET));
        // The same value once more around the field.
        made.blobs[0].y = y + PlainWords.FIELD;
        refuse(made, wrongValue(SECRET));
        made.blobs[0].y = y;
        made.blobs[1].y = 0;
        refuse(made, wrongValue(GENERATOR));
        made.blobs[1].y = 1;
        requireTaken(made);
    }

    /// @dev A prover who lies: the proof is right for some words, and the blob has others.
    function test_finaliseBlobs_refusesAProofOfOtherWordsThanTheBlobs() external {
        Attempt memory made = attempt(list(Polynomial.X), "");
        bytes32 dataReference = setBlobs(list(Polynomial.X));
        bytes memory lie = streamOf(list(Polynomial.One));
        Published memory published = Published("", lie, dataReference);
        made.proof = proveInputs(publicInputs(sheaf.state(), made.batch, published));
        made.blobs[0].y = 1;
        refuse(made, wrongValue(SECRET));
    }

    function test_finaliseBlobs_refusesAnotherOpening() external {
        Attempt memory made = attempt(list(Polynomial.X), "");
        for (uint256 i = 0; i < 3; i++) {
            made.blobs[0].opening[i] ^= bytes32(uint256(1));
            refuse(made, wrongValue(SECRET));
            made.blobs[0].opening[i] ^= bytes32(uint256(1));
        }
        requireTaken(made);
    }

    function test_finaliseBlobs_refusesSwappedOpenings() external {
        Attempt memory made = attempt(list(Polynomial.X, Polynomial.One), "");
        (made.blobs[0], made.blobs[1]) = (made.blobs[1], made.blobs[0]);
        refuse(made, wrongValue(GENERATOR));
    }

    /// @dev Other blobs, or the same in another order, with right openings of their own.
    function test_finaliseBlobs_refusesAProofOfOtherBlobs() external {
        Attempt memory proven = attempt(list(Polynomial.X, Polynomial.One), "");
        refuseProof(proven, list(Polynomial.One, Polynomial.X));
        refuseProof(proven, list(Polynomial.X));
        refuseProof(proven, list(Polynomial.X, Polynomial.X));
        Polynomial[] memory longer = new Polynomial[](3);
        (longer[0], longer[1]) = (Polynomial.X, Polynomial.One);
        refuseProof(proven, longer);
        setBlobs(list(Polynomial.X, Polynomial.One));
        requireTaken(proven);
    }

    /// @dev The words are the same, but readers would look for them elsewhere.
    function test_finalise_refusesAProofOfBlobsAndTheOtherWayRound() external {
        bytes memory data = streamOf(list(Polynomial.X));
        Attempt memory blobs = attempt(list(Polynomial.X), "");
        uint256[8] memory proof = prove(blobs.batch, "", data);
        expect(abi.encodePacked(ISheaf.InvalidProof.selector), OPERATOR);
        sheaf.finalise(blobs.batch, "", data, blobs.proof);
        uint256[8] memory honest = blobs.proof;
        blobs.proof = proof;
        refuse(blobs, abi.encodePacked(ISheaf.InvalidProof.selector));
        blobs.proof = honest;
        requireTaken(blobs);
    }

    function test_finaliseBlobs_takesOneToSixBlobs() external {
        Attempt memory made = attempt(new Polynomial[](7), "");
        refuse(made, abi.encodeWithSelector(ISheaf.InvalidBlobCount.selector, 7, 6));
        made.blobs = new ISheaf.Blob[](0);
        refuse(made, abi.encodeWithSelector(ISheaf.InvalidBlobCount.selector, 0, 6));
        requireTaken(attempt(new Polynomial[](6), ""));
    }

    /// @dev Blobs cannot be made up inside a call, so readers find them whoever the sender is.
    function test_aContractMayFinaliseWithBlobsButNotWithCalldata() external {
        BlobSender multisig = new BlobSender();
        vm.prank(OPERATOR);
        sheaf.offerRole(ISheaf.RoleName.Operator, address(multisig));
        vm.prank(address(multisig));
        sheaf.acceptRole(ISheaf.RoleName.Operator);
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, "", "");
        bytes4 selector = ISheaf.NotExternallyOwned.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(multisig)));
        multisig.sendCalldata(sheaf, batch, proof);
        Attempt memory made = attempt(list(Polynomial.One), "");
        multisig.send(sheaf, made.batch, made.l1Words, made.blobs, made.proof);
        vm.assertEq(sheaf.state(), made.batch.postState, "state");
    }

    function test_finaliseBlobs_refusesOthersWhileNothingIsOverdue() external {
        Attempt memory made = attempt(list(Polynomial.One), "");
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(ISheaf.OperatorNotSilent.selector, 2 ** 64 + SILENCE)
        );
        sheaf.finaliseBlobs(made.batch, made.l1Words, made.blobs, made.proof);
        bytes memory deposit = request(1);
        vm.warp(START + SILENCE + 1);
        made = attempt(list(Polynomial.One), deposit);
        vm.prank(STRANGER);
        sheaf.finaliseBlobs(made.batch, made.l1Words, made.blobs, made.proof);
        vm.assertEq(sheaf.state(), made.batch.postState, "state");
    }

    function requireTaken(Attempt memory made) private {
        vm.prank(OPERATOR);
        sheaf.finaliseBlobs{gas: GAS}(made.batch, made.l1Words, made.blobs, made.proof);
        vm.assertEq(sheaf.state(), made.batch.postState, "state");
    }

    function refuse(Attempt memory made, bytes memory reason) private {
        bytes32 state = sheaf.state();
        vm.prank(OPERATOR);
        vm.expectRevert(reason);
        sheaf.finaliseBlobs{gas: GAS}(made.batch, made.l1Words, made.blobs, made.proof);
        vm.assertEq(sheaf.state(), state, "state untouched");
    }

    /// @dev The transaction has other blobs, and each is opened at the point that they make.
    function refuseProof(Attempt memory proven, Polynomial[] memory polynomials) private {
        Attempt memory other = attempt(polynomials, proven.l1Words);
        other.proof = proven.proof;
        refuse(other, abi.encodePacked(ISheaf.InvalidProof.selector));
    }

    /// @dev The next batch with these blobs, which the transaction has from now on.
    function attempt(Polynomial[] memory polynomials, bytes memory l1Words)
        private
        returns (Attempt memory made)
    {
        made.batch = nextBatch();
        made.l1Words = l1Words;
        bytes32 pre = sheaf.state();
        Published memory published =
            Published(l1Words, streamOf(polynomials), setBlobs(polynomials));
        made.proof = proveInputs(publicInputs(pre, made.batch, published));
        uint256 z = pointOf(pre, made.batch, published);
        made.blobs = new ISheaf.Blob[](polynomials.length);
        for (uint256 i = 0; i < polynomials.length; i++) {
            made.blobs[i] = opened(polynomials[i], z);
        }
    }

    /// @return What names the blobs that the transaction has from now on.
    function setBlobs(Polynomial[] memory polynomials) private returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](polynomials.length);
        for (uint256 i = 0; i < hashes.length; i++) {
            hashes[i] = versionedHash(commitment(polynomials[i]));
        }
        vm.blobhashes(hashes);
        return keccak256(abi.encodePacked(hashes.length, hashes));
    }

    function opened(Polynomial polynomial, uint256 z)
        private
        pure
        returns (ISheaf.Blob memory blob)
    {
        bytes memory proof = polynomial == Polynomial.X ? GENERATOR : INFINITY;
        bytes memory opening = bytes.concat(commitment(polynomial), proof);
        blob.opening = abi.decode(opening, (bytes32[3]));
        if (polynomial == Polynomial.One) blob.y = 1;
        if (polynomial == Polynomial.X) blob.y = z;
    }

    /// @dev All the words of these blobs: a polynomial's coefficients from the lowest one on.
    function streamOf(Polynomial[] memory polynomials) private pure returns (bytes memory stream) {
        stream = new bytes(32 * WORDS * polynomials.length);
        for (uint256 i = 0; i < polynomials.length; i++) {
            if (polynomials[i] == Polynomial.One) stream[32 * WORDS * i + 31] = 0x01;
            if (polynomials[i] == Polynomial.X) stream[32 * WORDS * i + 63] = 0x01;
        }
    }

    function commitment(Polynomial polynomial) private pure returns (bytes memory) {
        if (polynomial == Polynomial.Zero) return INFINITY;
        return polynomial == Polynomial.One ? GENERATOR : SECRET;
    }

    /// @dev EIP-4844: the version, then all but the first byte of the commitment's SHA-256.
    function versionedHash(bytes memory commitment_) private pure returns (bytes32) {
        return (sha256(commitment_) << 8 >> 8) | bytes32(uint256(1) << 248);
    }

    function wrongValue(bytes memory commitment_) private pure returns (bytes memory) {
        bytes4 selector = ISheaf.WrongBlobValue.selector;
        return abi.encodeWithSelector(selector, versionedHash(commitment_));
    }

    function list(Polynomial only) private pure returns (Polynomial[] memory polynomials) {
        polynomials = new Polynomial[](1);
        polynomials[0] = only;
    }

    function list(Polynomial first, Polynomial second)
        private
        pure
        returns (Polynomial[] memory polynomials)
    {
        polynomials = new Polynomial[](2);
        (polynomials[0], polynomials[1]) = (first, second);
    }
}
