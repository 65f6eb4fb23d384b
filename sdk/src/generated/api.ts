// Made by scripts/generate.mjs of sdk/openapi.json.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether blocks and batches advance. */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{owner}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The slots of an owner, in the order in which they were opened. For an owner with more than 256
         *     slots, the 256 opened last.
         */
        get: operations["account"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{owner}/nonce": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The nonce to sign next: the nonce after the transactions that are ready in the mempool. */
        get: operations["next_nonce"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{owner}/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The movements of an account's balances, the newest first: transfers sent and received,
         *     withdrawals, deposits and exits in durable blocks. For an account with more than 256 slots, the
         *     movements of the 256 opened last.
         */
        get: operations["account_transactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sealed batches, the newest first. */
        get: operations["batches"];
        put?: never;
        /**
         * Closes the open batch now, so that the batch is sealed and proven. Requires the operator's
         *     token.
         */
        post: operations["close_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One sealed batch. */
        get: operations["batch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{number}/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The jobs that prove a batch: what each proves, how far it is, and which worker has it. */
        get: operations["batch_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{number}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The proof that L1 verifies, and its public inputs. */
        get: operations["batch_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{number}/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The transactions of a sealed batch, in its order. */
        get: operations["batch_transactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{number}/words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The words that a sealed batch publishes on L1, each with what it says: data words first, then
         *     pairs of L1 words.
         */
        get: operations["batch_words"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blobs/{versioned_hash}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A blob of a batch: 131,072 bytes. */
        get: operations["blob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Durable blocks, the newest first. */
        get: operations["blocks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocks/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One durable block. */
        get: operations["block"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocks/{number}/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The transactions of a block, in its order. */
        get: operations["block_transactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Blocks as they become durable and batches as they reach a new state, each with an id.
         * @description With `Last-Event-ID` the stream goes on after that event. `lost` comes where events are missing:
         *     with their number, or with null if the id is of before the sequencer's last start, or of no
         *     event. `batch` keeps the blocks and states of that batch alone. `owner` keeps the blocks that
         *     move balances of the owner, with the ids of these transactions; states of batches come all the
         *     same. With `ids=true` a block has the ids of its first 1,024 transactions.
         *
         *     An event without data only moves the id forward. The stream ends when the sequencer ends, or
         *     when another address needs the place.
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fees/quote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The least fee of a transaction, honoured until the quote expires. */
        get: operations["fee_quote"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/lease": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leases the oldest ready job. */
        post: operations["lease_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hands in a proof, as the body's bytes. */
        post: operations["complete_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/fail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a job back that the worker failed to prove. The failure counts against the job. */
        post: operations["fail_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Extends the lease. */
        post: operations["extend_lease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/inputs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The inputs of a job, as parts, each after its 32-bit little-endian length: first the batch's
         *     witness, then the proofs that the job needs.
         */
        get: operations["job_inputs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a job back because the worker has to end. No failure is counted. */
        post: operations["release_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/requeue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts a quarantined job back into the queue. Requires the operator's token. */
        post: operations["requeue_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/l1-transactions/{hash}/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The batch that an L1 transaction brings to L1: the newest transaction that was sent with the
         *     batch, or the one that L1 has verified.
         */
        get: operations["batch_of_l1_transaction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/l1-transactions/{hash}/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The requests that an L1 transaction made, those included that do not have their confirmations
         *     yet, and how far each has come.
         */
        get: operations["requests_of_l1_transaction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The OpenAPI document of this API. */
        get: operations["openapi_document"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payouts/{l1_address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the contract pays to an L1 address, and what it will pay once batches are final that are
         *     not yet.
         */
        get: operations["payouts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/pending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The requests of L1 that no durable block has consumed, those included that do not have their
         *     confirmations yet.
         */
        get: operations["pending_requests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/slots/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One slot. */
        get: operations["slot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/slots/{index}/path": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A slot after the newest final batch, with its Merkle path to that batch's root: what the
         *     contract's `freeze` and `escape` take beside the owner's key.
         */
        get: operations["slot_path"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The state of the rollup: its newest block, its batches, its mempool and its proving jobs. */
        get: operations["rollup_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tokens of the contract's list. */
        get: operations["tokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends one transaction or an array. The answer comes when each transaction is durable, held or
         *     refused, or after 10 seconds. Sending the same transaction again is harmless: the answer then
         *     says how far the transaction has come.
         * @description With `Content-Type: application/octet-stream` the body is an array in the binary form of
         *     docs/protocol.md, section 11; with any other type, or without one, the body is JSON. With
         *     `Accept: application/octet-stream` the answer to an array is binary. Errors are always JSON.
         */
        post: operations["submit_transactions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/transactions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The stage that a transaction has reached. */
        get: operations["transaction_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/transactions/{id}/body": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A durable transaction as its owner signed it, without the signature. */
        get: operations["transaction_body"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/verifying-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The key with which the contract verifies proofs. */
        get: operations["verifying_key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An owner's slots. */
        AccountBody: {
            /** @description bech32m with the prefix `sheaf`. */
            owner: components["schemas"]["Owner"];
            /**
             * @description In the order of opening, at most the 256 opened last. Empty for an owner who has not been
             *     paid yet.
             */
            slots: components["schemas"]["SlotBody"][];
        };
        /**
         * @description An address on L1, `0x` and 40 lower-case hexadecimal digits.
         * @example 0xf0f1f2f3f4f5f6f7f8f9fafbfcfdfefff0f1f2f3
         */
        Address: string;
        /**
         * @description L2 units, decimal digits without sign or leading zero, below 2^64.
         * @example 1000
         */
        Amount: string;
        /**
         * @description An address on L1 as a client may write it, `0x` and 40 hexadecimal digits of either case.
         * @example 0xf0f1f2f3f4f5f6f7f8f9fafbfcfdfefff0f1f2f3
         */
        AnyAddress: string;
        /**
         * @description 32 bytes as a client may write them, `0x` and 64 hexadecimal digits of either case.
         * @example 0xd1a7e079ded18ec8a2077c9e1486857016fdbc7fe0c0a8afc884dd9055e0d5fc
         */
        AnyHash: string;
        /** @description A sealed batch. */
        BatchBody: {
            /** @description How the data words travel to L1: `calldata` or `blobs`. */
            data_mode: components["schemas"]["DataMode"];
            data_reference?: components["schemas"]["Hash"] | null;
            /** Format: uint64 */
            data_words: number;
            /** Format: uint64 */
            entries: number;
            /** Format: uint64 */
            finalised_ms?: number | null;
            /** Format: uint64 */
            first_block: number;
            /**
             * Format: uint64
             * @description The first request of L1 that no earlier batch consumed.
             */
            first_request: number;
            /**
             * Format: uint64
             * @description The gas that the transaction used, once the batch is final.
             */
            gas_used?: number | null;
            /**
             * Format: uint64
             * @description The number of the L1 block with the transaction, once the batch is final.
             */
            l1_block?: number | null;
            l1_transaction?: components["schemas"]["Hash"] | null;
            /** Format: uint64 */
            l1_words: number;
            /** Format: uint64 */
            last_block: number;
            /**
             * Format: uint64
             * @description How many slots are open after the batch.
             */
            next_slot: number;
            /** Format: uint64 */
            number: number;
            /** @description The slot tree's root after the batch, `0x` and 64 hex digits. */
            post_root: components["schemas"]["Hash"];
            /** @description The contract's State after the batch, `0x` and 64 hex digits. */
            post_state: components["schemas"]["Hash"];
            /** @description The contract's State before the batch, `0x` and 64 hex digits. */
            pre_state: components["schemas"]["Hash"];
            /** Format: uint64 */
            proven_ms?: number | null;
            /**
             * Format: uint64
             * @description How many requests of L1 the batch consumed.
             */
            requests: number;
            /**
             * Format: uint64
             * @description Unix milliseconds of the sequencer's clock, as in the next three fields. A batch that was
             *     read from L1 at a rebuild has its timestamp here, and neither these three nor `gas_used`.
             */
            sealed_ms: number;
            state: components["schemas"]["BatchState"];
            /** Format: uint64 */
            submitted_ms?: number | null;
            /**
             * Format: uint32
             * @description Unix seconds. Each of the batch's transactions is valid at this time.
             */
            timestamp: number;
            /**
             * Format: uint64
             * @description This and the next three counts are 0 in a batch whose words were not read, because a rebuild
             *     began with a snapshot after it.
             */
            transactions: number;
        };
        /** @description A batch reached a state. */
        BatchEvent: {
            event: components["schemas"]["BatchName"];
            /** Format: uint64 */
            number: number;
            state: components["schemas"]["BatchState"];
        };
        /**
         * @description The value of `event` in the event of a batch.
         * @enum {string}
         */
        BatchName: "batch";
        /**
         * @description The state of a sealed batch.
         * @enum {string}
         */
        BatchState: "sealed" | "proven" | "submitted" | "finalised";
        /** @description A page of batches. */
        BatchesBody: {
            /** @description The newest first. */
            batches: components["schemas"]["BatchBody"][];
        };
        /** Format: binary */
        Binary: string;
        /** @description A durable block. */
        BlockBody: {
            /**
             * Format: uint64
             * @description The block's batch, whether sealed or not.
             */
            batch: number;
            closes?: components["schemas"]["CloseReason"] | null;
            /**
             * Format: uint64
             * @description When the block was executed, Unix milliseconds of the sequencer's clock.
             */
            executed_ms: number;
            /** Format: uint64 */
            number: number;
            /**
             * Format: uint32
             * @description How many requests of L1 the block consumed.
             */
            requests: number;
            /**
             * Format: uint64
             * @description How many signed transactions the block has.
             */
            transactions: number;
        };
        /** @description A block became durable. */
        BlockEvent: components["schemas"]["BlockBody"] & {
            event: components["schemas"]["BlockName"];
            /**
             * @description The ids of transactions, at most 1,024: those that moved balances of the owner of the
             *     stream, or the block's first ones if the stream asks for ids. Absent otherwise.
             */
            ids?: components["schemas"]["Hash"][];
        };
        /**
         * @description The value of `event` in the event of a block.
         * @enum {string}
         */
        BlockName: "block";
        /** @description A page of blocks. */
        BlocksBody: {
            /** @description The newest first. An empty page is the last one. */
            blocks: components["schemas"]["BlockBody"][];
        };
        /**
         * @description Bytes, `0x` and two lower-case hexadecimal digits for each.
         * @example 0x00ff
         */
        Bytes: string;
        /**
         * @description The digest of circuits, 64 lower-case hexadecimal digits without `0x`.
         * @example 736865616620646576656c6f706d656e742c206e6f2063697263756974732020
         */
        Circuits: string;
        /**
         * @description Why a batch was closed.
         * @enum {string}
         */
        CloseReason: "size" | "age" | "request";
        /** @description A batch that closes early because the operator asked for it. */
        ClosedBody: {
            /** Format: uint64 */
            batch: number;
        };
        /** @description The proof is verified and stored. */
        Completed: {
            /** @description False when a proof was stored under the same attempt before. */
            stored: boolean;
        };
        /**
         * @description A place in the log: the `next` of another page.
         * @example 258-0
         */
        Cursor: string;
        /** @enum {string} */
        DataMode: "calldata" | "blobs";
        /** @description A data word. */
        DataWordBody: {
            /** @description L2 units, a decimal string: what the entry moved, without the fee. Absent of an `open`. */
            amount?: components["schemas"]["Amount"];
            /** @description Of a `debit` or a `withdraw`: L2 units, a decimal string. */
            fee?: components["schemas"]["Amount"];
            /**
             * Format: uint64
             * @description The word's place among the batch's data words, from 0.
             */
            index: number;
            /** @description The kind of the entry that published the word. */
            kind: components["schemas"]["WordKind"];
            /** @description Of an `open`: the slot's owner, bech32m with the prefix `sheaf`. */
            owner?: components["schemas"]["Owner"];
            /**
             * Format: uint32
             * @description The entry's slot. An `open` opens the next slot, which the word does not name.
             */
            slot: number;
            /**
             * Format: uint16
             * @description Of an `open`: the slot's token.
             */
            token?: number;
            /** @description `0x` and 64 hex digits. */
            word: components["schemas"]["Hash"];
        };
        /** @description The body of an error. */
        ErrorBody: {
            error: components["schemas"]["ErrorDetail"];
        };
        /** @description Why a request or a transaction was refused. */
        ErrorDetail: {
            /**
             * @description The rule or condition, in snake_case; for programs, and never changed.
             * @example balance_too_low
             */
            code: string;
            /** @description For people. */
            message: string;
            /**
             * Format: uint64
             * @description Seconds after which the same request or transaction may succeed; absent if waiting does not
             *     help.
             */
            retry_after_s?: number;
            /** @description The id of the refused transaction, if it has one. */
            transaction?: components["schemas"]["Hash"];
        };
        /** @description An event: a block became durable, or a batch reached a state. */
        Event: components["schemas"]["BlockEvent"] | components["schemas"]["BatchEvent"];
        /** @description A job that was taken back because its worker failed or let the lease end. */
        FailedJob: {
            /** Format: uint64 */
            batch: number;
            /**
             * Format: uint32
             * @description How often the job has failed since it was last put into the queue.
             */
            failures: number;
            /** @description Whether the job is quarantined: after too many failures or lapses, no worker gets it. */
            is_quarantined: boolean;
            /** Format: uint64 */
            job: number;
            /**
             * Format: uint32
             * @description How often its lease has ended since then without a message from the worker.
             */
            lapses: number;
            /** @description Why the job was taken back last. */
            reason: string;
            step: components["schemas"]["Step"];
            /** @description The name of the worker that leased the job last. */
            worker: string;
        };
        /** @description The worker gives the job up, which counts as a failure of the job. */
        FailureReport: {
            /** Format: uint32 */
            attempt: number;
            /** @description Why, in one line; cut to 256 bytes. */
            reason: string;
        };
        /**
         * @description 32 bytes, `0x` and 64 lower-case hexadecimal digits.
         * @example 0xd1a7e079ded18ec8a2077c9e1486857016fdbc7fe0c0a8afc884dd9055e0d5fc
         */
        Hash: string;
        /** @description The answer of a healthy sequencer; an unhealthy one answers with an error. */
        HealthBody: {
            /**
             * @description True while another sequencer leads: this one serves reads and takes over when the other one
             *     ends. Absent otherwise.
             */
            following?: boolean;
            /** @description Always true. */
            healthy: boolean;
            /**
             * @description True while no L1 node answers, or the database has not been compared with L1 since the
             *     start: payments go on, deposits wait and no batch becomes final. Absent otherwise.
             */
            l1_unreachable?: boolean;
            /**
             * Format: uint64
             * @description How many batches the operator's L1 account pays for; absent without an L1, or until the
             *     account was read.
             */
            operator_batches?: number;
        };
        /** @description The worker still works on the job, which extends the lease. */
        Heartbeat: {
            /** Format: uint32 */
            attempt: number;
        };
        /** @description The lease as a heartbeat has extended it. */
        HeartbeatAnswer: {
            /**
             * Format: uint64
             * @description Milliseconds until the lease ends unless another heartbeat extends it.
             */
            lease_ms: number;
        };
        /** @description A page of an account's history. */
        HistoryBody: {
            /** @description The value of `before` for the next page; absent on the last page. */
            next?: components["schemas"]["Cursor"];
            /** @description bech32m with the prefix `sheaf`. */
            owner: components["schemas"]["Owner"];
            /** @description The newest first. */
            transactions: components["schemas"]["MovementBody"][];
        };
        /** @description A job that makes one proof of a batch. */
        JobBody: {
            /**
             * Format: uint64
             * @description When the proof was stored, Unix milliseconds of the sequencer's clock.
             */
            finished_ms?: number;
            /** Format: uint64 */
            job: number;
            /**
             * Format: uint64
             * @description When that lease began, Unix milliseconds of the sequencer's clock.
             */
            started_ms?: number;
            state: components["schemas"]["JobState"];
            step: components["schemas"]["Step"];
            /** @description The name of the worker that has leased the job last; absent while the job waits for one. */
            worker?: string;
        };
        /** @description How many jobs are in each state. */
        JobCounts: {
            /**
             * Format: uint64
             * @description Jobs whose proof is stored. Of an older final batch, only the final job is kept.
             */
            done: number;
            /**
             * Format: uint64
             * @description Jobs that a worker proves.
             */
            leased: number;
            /**
             * Format: uint64
             * @description Jobs that no worker gets any more, until the operator puts them back into the queue.
             */
            quarantined: number;
            /**
             * Format: uint64
             * @description Jobs that the next worker may lease.
             */
            ready: number;
            /**
             * Format: uint64
             * @description Jobs that wait for the proofs of other jobs.
             */
            waiting: number;
        };
        /**
         * @description The state of a job that makes a proof of a batch.
         * @enum {string}
         */
        JobState: "waiting" | "ready" | "leased" | "done" | "quarantined";
        /** @description The jobs that prove a batch. */
        JobsBody: {
            /** Format: uint64 */
            batch: number;
            /**
             * @description Each after the jobs whose proofs it needs. Of an older final batch, only the last one is
             *     kept; of a batch that was read from L1 at a rebuild, none.
             */
            jobs: components["schemas"]["JobBody"][];
        };
        /**
         * @description A public key, `0x` and 80 hexadecimal digits (docs/protocol.md, section 3).
         * @example 0x41e216c83bb6e7074eee2631168d11e3f2d8cfefa196e4e53d27d37477ad70c1862c9ef75c93ee74
         */
        Key: string;
        /**
         * @description Units of L1, decimal digits without sign or leading zero, below 2^256.
         * @example 1000000000000000000
         */
        L1Amount: string;
        /** @description The L1 nodes of the sequencer. */
        L1Body: {
            /**
             * @description Whether the database has been compared with L1 since the start. Before that, deposits wait
             *     and no batch is submitted.
             */
            compared: boolean;
            /** @description Host and port of the node that did the last step; null while no node answers. */
            node?: string | null;
            /** @description All nodes, in the operator's order. */
            nodes: components["schemas"]["L1NodeBody"][];
        };
        /** @description An L1 node. */
        L1NodeBody: {
            /** @description Whether the node answered the last question, if only with an error. */
            answers: boolean;
            /**
             * Format: uint64
             * @description The newest block that the node has shown; null before the first.
             */
            block?: number | null;
            /** @description Host and port. */
            node: string;
        };
        /** @description A request of L1. */
        L1RequestBody: {
            /**
             * @description L2 units, a decimal string: of a deposit, what it pays; of an exit, what it has paid, once
             *     its batch is sealed.
             */
            amount?: components["schemas"]["Amount"];
            /**
             * Format: uint64
             * @description The batch that consumed the request; absent before the batch is sealed.
             */
            batch?: number;
            /**
             * Format: uint64
             * @description How many L1 blocks are on top of that block; absent while no L1 node answers.
             */
            confirmations?: number;
            /**
             * Format: uint64
             * @description How many blocks must be on top before the sequencer takes the request.
             */
            confirmations_needed: number;
            kind: components["schemas"]["RequestKind"];
            /**
             * Format: uint64
             * @description The L1 block with that transaction.
             */
            l1_block: number;
            /** @description The L1 transaction that made the request, `0x` and 64 hex digits. */
            l1_transaction: components["schemas"]["Hash"];
            /**
             * Format: uint64
             * @description The request's place in the contract's queue, from 0.
             */
            number: number;
            /** @description bech32m with the prefix `sheaf`. */
            owner: components["schemas"]["Owner"];
            /**
             * Format: uint32
             * @description Of an exit: the slot.
             */
            slot?: number;
            /** @description How far the request has come; absent before a durable block has consumed it. */
            stage?: components["schemas"]["Stage"];
            /**
             * Format: uint16
             * @description Of a deposit, and of an exit with an amount from a slot that is open: the token.
             */
            token?: number;
        };
        /** @description Requests of L1. */
        L1RequestsBody: {
            /** @description In the order of the contract's queue. */
            requests: components["schemas"]["L1RequestBody"][];
        };
        /** @description A pair of L1 words, with which the contract pays, or takes a request off its queue. */
        L1WordsBody: {
            /** @description The first word, `0x` and 64 hex digits. */
            a: components["schemas"]["Hash"];
            /** @description L2 units, a decimal string. */
            amount: components["schemas"]["Amount"];
            /** @description The second word, `0x` and 64 hex digits. */
            b: components["schemas"]["Hash"];
            /**
             * Format: uint64
             * @description The pair's place among the batch's pairs, from 0.
             */
            index: number;
            /** @description The kind of the entry that published the pair: `withdraw`, `deposit` or `exit`. */
            kind: components["schemas"]["WordKind"];
            /** @description Of a `deposit` or an `exit`: the owner that the request names. */
            owner?: components["schemas"]["Owner"];
            /** @description Of a `withdraw`: the L1 address that is paid, `0x` and 40 hex digits. */
            recipient?: components["schemas"]["Address"];
            /**
             * Format: uint32
             * @description Of an `exit`: the slot that the request names.
             */
            slot?: number;
            /**
             * Format: uint16
             * @description The token; 0 of an exit that pays nothing.
             */
            token: number;
        };
        /** @description A job that belongs to the worker until the lease ends. */
        Lease: {
            /**
             * Format: uint32
             * @description The fencing token, which every later message about the job must repeat.
             */
            attempt: number;
            /** Format: uint64 */
            batch: number;
            /** @description What names the batch's data words on L1, `0x` and 64 hex digits; the proof depends on it. */
            data_reference: components["schemas"]["Hash"];
            /** Format: uint64 */
            job: number;
            /**
             * Format: uint64
             * @description Milliseconds until the lease ends unless a heartbeat extends it.
             */
            lease_ms: number;
            step: components["schemas"]["Step"];
        };
        /** @description A worker's request for a job. */
        LeaseRequest: {
            /** @description The digest of the worker's circuits, 64 hexadecimal digits without `0x`. */
            circuits: components["schemas"]["Circuits"];
            /** @description The worker's name, 1 to 256 bytes, for people who look for the machine that fails. */
            worker: string;
        };
        /** @description What one durable transaction or one request of L1 did to a slot of the account. */
        MovementBody: {
            /**
             * @description L2 units without the fee, a decimal string. An exit takes the whole balance, and has no
             *     amount before its batch is sealed, or if an earlier version has sealed the batch.
             */
            amount?: components["schemas"]["Amount"];
            /** Format: uint64 */
            batch: number;
            /** Format: uint64 */
            block: number;
            /** @description The owner who paid, or the recipient of a sent transfer with one payment. */
            counterparty?: components["schemas"]["Owner"];
            /**
             * Format: uint64
             * @description When the block was executed, Unix milliseconds of the sequencer's clock.
             */
            executed_ms: number;
            /**
             * @description L2 units, a decimal string: the fee that the owner paid in addition to the amount. Absent
             *     where the owner signed nothing.
             */
            fee?: components["schemas"]["Amount"];
            /** @description The id of the signed transaction, `0x` and 64 hex digits; absent for a request of L1. */
            id?: components["schemas"]["Hash"];
            kind: components["schemas"]["MovementKind"];
            /** @description The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent. */
            l1_transaction?: components["schemas"]["Hash"];
            /**
             * Format: uint32
             * @description How many payments a sent transfer makes; absent for every other kind.
             */
            payments?: number;
            /** @description The L1 address that a withdrawal pays, `0x` and 40 hex digits. */
            recipient?: components["schemas"]["Address"];
            /** @description The request of L1; absent for a signed transaction. */
            request?: components["schemas"]["RequestBody"];
            /** Format: uint32 */
            slot: number;
            stage: components["schemas"]["Stage"];
            /** Format: uint16 */
            token: number;
        };
        /**
         * @description The kind of a movement.
         * @enum {string}
         */
        MovementKind: "sent" | "received" | "withdrawn" | "deposited" | "exited";
        /** @description The slot, token and nonce to sign next. */
        NonceBody: {
            /**
             * Format: uint32
             * @description The nonce to sign next; transactions that wait are counted.
             */
            nonce: number;
            /** Format: uint32 */
            slot: number;
            /** Format: uint16 */
            token: number;
        };
        /** @description The L1 account that submits batches. */
        OperatorBody: {
            /** @description `0x` and 40 hex digits. */
            address: components["schemas"]["Address"];
            /**
             * Format: uint64
             * @description How many batches the balance pays for, at the gas of the newest final batch and today's fee.
             */
            batches: number;
            /** @description The balance in wei, a decimal string. */
            wei: components["schemas"]["L1Amount"];
        };
        /**
         * @description An owner, bech32m with the prefix `sheaf`.
         * @example sheaf1llkc86rzn22mj40udyeqqpnpjzlle6p5r67ze0qucfsl9
         */
        Owner: string;
        /**
         * @description A slot after the newest final batch, with its path to that batch's root: with the owner's key,
         *     all that the contract's `escape` takes.
         */
        PathBody: {
            /** @description L2 units, a decimal string. */
            balance: components["schemas"]["Amount"];
            /**
             * Format: uint64
             * @description The newest final batch, after which all of this is true.
             */
            batch: number;
            /**
             * Format: uint64
             * @description How many slots are open after the batch.
             */
            next_slot: number;
            /** Format: uint32 */
            nonce: number;
            /** @description bech32m with the prefix `sheaf`. */
            owner: components["schemas"]["Owner"];
            /** @description The slot tree's root after the batch. */
            root: components["schemas"]["Hash"];
            /** @description 32 digests: the leaf's own sibling first, the root's child last. */
            siblings: components["schemas"]["Hash"][];
            /**
             * Format: uint32
             * @description The slot's index.
             */
            slot: number;
            /**
             * Format: uint16
             * @description The token's number in the contract's list; ether is 0.
             */
            token: number;
        };
        /** @description One payment of a transfer. */
        PaymentBody: {
            amount: components["schemas"]["Amount"];
            /** @description The recipient. */
            owner: components["schemas"]["Owner"];
        };
        /** @description What the contract pays, or will pay, of one token. */
        PayoutBody: {
            /** @description What the address may claim now, L1 units, a decimal string. */
            claimable: components["schemas"]["L1Amount"];
            /**
             * @description L2 units, a decimal string: what withdrawals pay to the address that are executed and not
             *     final, and exits that the address has asked for, once their batch is sealed. Exits whose
             *     request an older version has read from L1 are not counted.
             */
            pending: components["schemas"]["Amount"];
            /** Format: uint16 */
            token: number;
        };
        /** @description What the contract pays, or will pay, to an L1 address. */
        PayoutsBody: {
            /** @description `0x` and 40 hex digits. */
            l1_address: components["schemas"]["Address"];
            /** @description A token each, in the list's order, without the tokens of which nothing is paid. */
            payouts: components["schemas"]["PayoutBody"][];
        };
        /** @description The final proof of a batch. */
        ProofBody: {
            /** Format: uint64 */
            batch: number;
            /** @description Whether the proof is a development proof, which no real contract accepts. */
            development: boolean;
            /** @description The proof that L1 verifies: 256 bytes, the eight words that `finalise` takes. */
            proof: components["schemas"]["Bytes"];
            /** @description The seven public inputs with which L1 verifies the proof, big-endian integers. */
            public_inputs: components["schemas"]["Hash"][];
        };
        /** @description The least fee of a transaction. */
        QuoteBody: {
            /**
             * Format: uint64
             * @description Unix seconds until which the sequencer accepts the fee, unless the operator restarts it with
             *     other fees.
             */
            expires: number;
            /** @description L2 units, a decimal string. */
            fee: components["schemas"]["Amount"];
            /** Format: uint16 */
            payments: number;
            /** Format: uint16 */
            token: number;
        };
        /** @description The worker gives the job back because the worker has to end. No failure of the job is counted. */
        Release: {
            /** Format: uint32 */
            attempt: number;
        };
        /** @description A request of L1. */
        RequestBody: {
            /** @description The L1 transaction that made the request, `0x` and 64 hex digits. */
            l1_transaction?: components["schemas"]["Hash"];
            /**
             * Format: uint64
             * @description The request's place in the contract's queue, from 0.
             */
            number: number;
        };
        /**
         * @description The kind of a request of L1.
         * @enum {string}
         */
        RequestKind: "deposit" | "exit";
        /**
         * @description R then s, `0x` and 160 hexadecimal digits (docs/protocol.md, section 3).
         * @example 0xe6bcaf9529c9bc45948702b72d5879892fa04600375500ecc694004f698f27cefbdf0e51ed6a10e642ccaa4567d5c7c69bf5c9c30ee396642061be8afbb46d13228896fda6e1d37884f9efad390c4642
         */
        Signature: string;
        /**
         * @description A signed transaction: a transfer or a withdrawal, the key and the L1 address that open the
         *     slot's owner, and the signature.
         */
        SignedTransactionBody: components["schemas"]["SignedTransferBody"] | components["schemas"]["SignedWithdrawalBody"];
        /** @description An array of transactions, which are answered one by one. */
        SignedTransactions: components["schemas"]["SignedTransactionBody"][];
        /** @description A signed transfer. */
        SignedTransferBody: {
            key: components["schemas"]["Key"];
            /** @description The L1 address that opens the owner together with the key. */
            l1_address: components["schemas"]["AnyAddress"];
            signature: components["schemas"]["Signature"];
            transfer: components["schemas"]["TransferBody"];
        };
        /** @description A signed withdrawal. */
        SignedWithdrawalBody: {
            key: components["schemas"]["Key"];
            /** @description The L1 address that opens the owner together with the key. */
            l1_address: components["schemas"]["AnyAddress"];
            signature: components["schemas"]["Signature"];
            withdrawal: components["schemas"]["WithdrawalBody"];
        };
        /** @description A slot after the newest durable block. */
        SlotBody: {
            /** @description L2 units, a decimal string. */
            balance: components["schemas"]["Amount"];
            /**
             * @description The balance after the newest final batch, which nothing can take back: L2 units, a decimal
             *     string, 0 if that batch has not opened the slot. Absent while it is being read, for some
             *     seconds after a start.
             */
            final_balance?: components["schemas"]["Amount"];
            /**
             * Format: uint32
             * @description The nonce after the newest final batch; absent with `final_balance`.
             */
            final_nonce?: number;
            /**
             * Format: uint32
             * @description The nonce to sign next; transactions that wait are counted.
             */
            next_nonce: number;
            /**
             * Format: uint32
             * @description How many of the slot's signed transactions durable blocks contain.
             */
            nonce: number;
            /** @description bech32m with the prefix `sheaf`. */
            owner: components["schemas"]["Owner"];
            /**
             * Format: uint32
             * @description The slot's index.
             */
            slot: number;
            /**
             * Format: uint16
             * @description The token's number in the contract's list; ether is 0.
             */
            token: number;
        };
        /**
         * @description The stage that a transaction has passed last.
         * @enum {string}
         */
        Stage: "received" | "accepted" | "executed" | "sealed" | "proven" | "submitted" | "finalised" | "rejected";
        /** @description The state of the rollup. */
        StatusBody: {
            /**
             * Format: uint64
             * @description The newest durable block; 0 before the first.
             */
            block: number;
            /**
             * Format: uint64
             * @description When the newest durable block was executed, Unix milliseconds.
             */
            block_executed_ms: number;
            /** Format: uint64 */
            chain_id: number;
            /** @description The digest of the circuits, 64 hex digits without `0x`. */
            circuits: components["schemas"]["Circuits"];
            /** @description The rollup's contract, `0x` and 40 hex digits. */
            contract: components["schemas"]["Address"];
            /** @description Whether batches get development proofs, which prove nothing. */
            development: boolean;
            /**
             * Format: uint64
             * @description The L1 block from which the rollup's events are read; null without an L1.
             */
            first_l1_block?: number | null;
            jobs: components["schemas"]["JobCounts"];
            l1?: components["schemas"]["L1Body"] | null;
            /**
             * Format: uint64
             * @description The oldest sealed batch without a final proof; null if there is none.
             */
            oldest_unproven_batch?: number | null;
            /**
             * Format: uint64
             * @description The batch that takes blocks; null if no batch is open.
             */
            open_batch?: number | null;
            operator?: components["schemas"]["OperatorBody"] | null;
            /** @description The quarantined jobs, at most the oldest 16. Their batches wait for the operator. */
            quarantined: components["schemas"]["FailedJob"][];
            /**
             * Format: uint64
             * @description The newest sealed batch; 0 before the first.
             */
            sealed_batch: number;
            /**
             * Format: uint64
             * @description How many slots durable blocks have opened.
             */
            slots: number;
            verifying_key_hash?: components["schemas"]["Hash"] | null;
            /**
             * Format: uint64
             * @description How many transactions are in the mempool.
             */
            waiting: number;
        };
        /**
         * @description A step of proving: a leaf, a join of leaves, the batch, or the wrap.
         * @example join-entry-0-2
         */
        Step: string;
        /** @description The answer to one transaction is its status, and to an array the results. */
        SubmissionAnswer: components["schemas"]["TransactionStatus"] | components["schemas"]["SubmissionResults"];
        /** @description One transaction, or an array of at most 1,024. */
        SubmissionBody: components["schemas"]["SignedTransactionBody"] | components["schemas"]["SignedTransactions"];
        /** @description The answers to an array of transactions, in the array's order. */
        SubmissionResults: {
            results: components["schemas"]["TransactionStatus"][];
        };
        /** @description A token of the contract's list. */
        TokenBody: {
            /** @description The token's contract, `0x` and 40 hex digits; zero for ether. */
            address: components["schemas"]["Address"];
            /**
             * @description The most that the contract keeps of the token, L2 units, a decimal string; absent without
             *     an L1.
             */
            cap?: components["schemas"]["Amount"];
            /**
             * Format: uint8
             * @description Decimals of an amount in L1 units, as the token's contract says; absent if it does not.
             */
            decimals?: number;
            /** @description L1 units in one L2 unit, a decimal string. */
            scale: components["schemas"]["L1Amount"];
            /**
             * @description Letters and digits, at most 12: what the token's contract says, without its other
             *     characters. Empty if nothing is left. Anybody may call a token anything.
             */
            symbol: string;
            /**
             * Format: uint16
             * @description The token's number in the list.
             */
            token: number;
        };
        /** @description The tokens of the contract's list. */
        TokensBody: {
            /** @description In the list's order; ether is the first. */
            tokens: components["schemas"]["TokenBody"][];
        };
        /**
         * @description A transaction as a durable block has it, with its place in the log. Exactly one of `transfer`
         *     and `withdrawal` is there, as its owner signed it.
         */
        TransactionBody: {
            /** Format: uint64 */
            batch: number;
            /** Format: uint64 */
            block: number;
            /**
             * Format: uint64
             * @description When the block was executed, Unix milliseconds of the sequencer's clock.
             */
            executed_ms: number;
            /**
             * Format: uint64
             * @description The place of the transaction's first data word among its batch's, from 0. A transfer has a
             *     word for its debit and one for each payment, a withdrawal has one word. Absent until the
             *     batch is sealed.
             */
            first_word?: number;
            /** @description The signed message, `0x` and 64 hex digits. */
            id: components["schemas"]["Hash"];
            /** @description The owner who signed and paid, bech32m with the prefix `sheaf`. */
            owner: components["schemas"]["Owner"];
            /**
             * Format: uint32
             * @description The transaction's index among the block's transactions.
             */
            position: number;
            transfer?: components["schemas"]["TransferBody"];
            withdrawal?: components["schemas"]["WithdrawalBody"];
        };
        /** @description The stage of a transaction and its place in the log. */
        TransactionStatus: {
            /** Format: uint64 */
            batch?: number;
            /** Format: uint64 */
            block?: number;
            /** @description Whether the sequencer promises to keep the transaction: from `executed` on. */
            durable: boolean;
            /** @description Why the transaction was refused. */
            error?: components["schemas"]["ErrorDetail"];
            id?: components["schemas"]["Hash"] | null;
            /** @description The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent. */
            l1_transaction?: components["schemas"]["Hash"];
            /**
             * Format: uint32
             * @description The transaction's index among the block's transactions.
             */
            position?: number;
            stage: components["schemas"]["Stage"];
        };
        /** @description A page of the transactions of a block or of a batch. */
        TransactionsBody: {
            /** @description The value of `after` for the next page; absent on the last page. */
            next?: components["schemas"]["Cursor"];
            /** @description In the order of the log. */
            transactions: components["schemas"]["TransactionBody"][];
        };
        /** @description A transfer: pays from one slot to 1 to 1,024 owners. */
        TransferBody: {
            fee: components["schemas"]["Amount"];
            /**
             * Format: uint32
             * @description The slot's nonce before the transaction.
             */
            nonce: number;
            payments: components["schemas"]["PaymentBody"][];
            /** Format: uint32 */
            slot: number;
            /** Format: uint16 */
            token: number;
            /**
             * Format: uint32
             * @description Unix seconds: the last batch timestamp at which the transaction is valid.
             */
            valid_until: number;
        };
        /** @description The key with which the contract verifies proofs. */
        VerifyingKeyBody: {
            /** @description What the contract's verifier answers to `keyHash`: keccak256 of the words of `key`. */
            hash: components["schemas"]["Hash"];
            /** @description The 33 words of docs/protocol.md, section 9, each `0x` and 64 hex digits. */
            key: components["schemas"]["Hash"][];
        };
        /** @description A withdrawal: pays from one slot to an L1 address. */
        WithdrawalBody: {
            amount: components["schemas"]["Amount"];
            fee: components["schemas"]["Amount"];
            /**
             * Format: uint32
             * @description The slot's nonce before the transaction.
             */
            nonce: number;
            /** @description The L1 address to pay. */
            recipient: components["schemas"]["AnyAddress"];
            /** Format: uint32 */
            slot: number;
            /** Format: uint16 */
            token: number;
            /**
             * Format: uint32
             * @description Unix seconds: the last batch timestamp at which the transaction is valid.
             */
            valid_until: number;
        };
        /** @enum {string} */
        WordKind: "open" | "debit" | "credit" | "withdraw" | "deposit" | "exit" | "collect";
        /** @description A page of the words of a batch. */
        WordsBody: {
            /** Format: uint64 */
            batch: number;
            /** @description In the batch's order, before all L1 words. */
            data_words: components["schemas"]["DataWordBody"][];
            /** @description Pairs, in the batch's order. */
            l1_words: components["schemas"]["L1WordsBody"][];
            /**
             * Format: uint64
             * @description The value of `after` for the next page; absent on the last page.
             */
            next?: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description they advance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the code says what does not advance */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description bech32m with the prefix `sheaf` */
                owner: components["schemas"]["Owner"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the owner's slots */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountBody"];
                };
            };
            /** @description this is no owner */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    next_nonce: {
        parameters: {
            query: {
                token: number;
            };
            header?: never;
            path: {
                /** @description bech32m with the prefix `sheaf` */
                owner: components["schemas"]["Owner"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the nonce to sign next */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NonceBody"];
                };
            };
            /** @description this is no owner, or no token */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the owner has no slot of the token */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    account_transactions: {
        parameters: {
            query?: {
                /** @description Only movements before this place, which is `next` of the page before. */
                before?: components["schemas"]["Cursor"];
                /**
                 * @description The most movements in the page, 1 to 100; 100 if absent. A page that took much to read ends
                 *     before its limit, so only an absent `next` marks the last page.
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description bech32m with the prefix `sheaf` */
                owner: components["schemas"]["Owner"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of movements */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the page's blocks are archived and not served here */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description too many read history, or another reason of 503 */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    batches: {
        parameters: {
            query?: {
                /** @description Only those with a lower number. */
                before?: number;
                /** @description The most in the page, 1 to 100; 100 if absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of batches */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchesBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    close_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description closed; sealing follows */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosedBody"];
                };
            };
            /** @description not the operator's token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no operator's token */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no batch is open */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    batch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the batch */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not sealed yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    batch_jobs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the jobs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not sealed yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    batch_proof: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the proof */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProofBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not sealed, or not proven yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    batch_transactions: {
        parameters: {
            query?: {
                /** @description Only what comes after another page: that page's `next`. */
                after?: components["schemas"]["Cursor"];
                /**
                 * @description The most transactions in the page, 1 to 100; 100 if absent. A page of large transfers ends
                 *     before its limit, so only an absent `next` marks the last page.
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of transactions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionsBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not sealed yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the batch's blocks are archived and not served here, or the batch was read from L1, which has no transactions */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    batch_words: {
        parameters: {
            query?: {
                /** @description Only what comes after another page: that page's `next`. */
                after?: number;
                /** @description The most data words and pairs together in the page, 1 to 1,000; 1,000 if absent. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of words */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WordsBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not sealed yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the words are in the batch's L1 transaction alone */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    blob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the hash of EIP-4844 */
                versioned_hash: components["schemas"]["AnyHash"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the blob's bytes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": components["schemas"]["Binary"];
                };
            };
            /** @description this is no versioned hash */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no batch has published such a blob */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    blocks: {
        parameters: {
            query?: {
                /** @description Only those with a lower number. */
                before?: number;
                /** @description The most in the page, 1 to 100; 100 if absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of blocks; an empty page is the last one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlocksBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the page's blocks are archived and not served here */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    block: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the block */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the log has no such block */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the block is archived and not served here */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    block_transactions: {
        parameters: {
            query?: {
                /** @description Only what comes after another page: that page's `next`. */
                after?: components["schemas"]["Cursor"];
                /**
                 * @description The most transactions in the page, 1 to 100; 100 if absent. A page of large transfers ends
                 *     before its limit, so only an absent `next` marks the last page.
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description from 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of transactions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionsBody"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the log has no such block */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the block is archived and not served here */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    events: {
        parameters: {
            query?: {
                /** @description Only blocks that move balances of this owner, with the ids of the transactions that do. */
                owner?: components["schemas"]["Owner"];
                /** @description Only the blocks and the states of this batch. */
                batch?: number;
                /** @description Whether blocks have the ids of their transactions; no, if absent. */
                ids?: boolean;
            };
            header?: {
                /** @description the id of the last event that was received */
                "Last-Event-ID"?: components["schemas"]["Cursor"] | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a stream of `block`, `batch` and `lost` events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Event"];
                };
            };
            /** @description `owner` is no owner, or another parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description too many subscribers */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    fee_quote: {
        parameters: {
            query: {
                /** @description The token's number in the contract's list; ether is 0. */
                token: number;
                /** @description How many payments a transfer makes, 1 to 1,024; 1 if absent. A withdrawal counts as one. */
                payments?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the quote */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuoteBody"];
                };
            };
            /** @description no transfer has so many payments */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the token is not served */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    lease_job: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LeaseRequest"];
            };
        };
        responses: {
            /** @description a job */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lease"];
                };
            };
            /** @description no job is ready */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the worker built other circuits */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the batch is final, and its witness gone */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    complete_job: {
        parameters: {
            query: {
                /** @description The fencing token of the lease. */
                attempt: number;
            };
            header?: never;
            path: {
                /** @description the job's id, from its lease */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": components["schemas"]["Binary"];
            };
        };
        responses: {
            /** @description the proof is valid */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Completed"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the batch is final, and its witness gone */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the proof is not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    fail_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job's id, from its lease */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FailureReport"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    extend_lease: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job's id, from its lease */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Heartbeat"];
            };
        };
        responses: {
            /** @description extended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeartbeatAnswer"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    job_inputs: {
        parameters: {
            query: {
                /** @description The fencing token of the lease. */
                attempt: number;
            };
            header?: never;
            path: {
                /** @description the job's id, from its lease */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the inputs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": components["schemas"]["Binary"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the batch is final, and its witness gone */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    release_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job's id, from its lease */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Release"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the workers' token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the attempt has no lease of the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    requeue_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job's id, from its lease */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description not the operator's token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description there is no operator's token */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no such job is quarantined */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    batch_of_l1_transaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description of the transaction on L1 */
                hash: components["schemas"]["AnyHash"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the batch; the first, if the transaction brought several */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchBody"];
                };
            };
            /** @description this is no hash */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no batch has this transaction */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    requests_of_l1_transaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description of the transaction on L1 */
                hash: components["schemas"]["AnyHash"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description in the order of the contract's queue; none if the sequencer has seen no request of the transaction */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["L1RequestsBody"];
                };
            };
            /** @description this is no hash */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    openapi_document: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what this API answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    payouts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 0x and 40 hex digits */
                l1_address: components["schemas"]["AnyAddress"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description by token */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PayoutsBody"];
                };
            };
            /** @description this is no address of L1 */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no L1 node answers, the list of tokens was not read yet, too many ask, or this sequencer follows another one */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    pending_requests: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description in the order of the contract's queue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["L1RequestsBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    slot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the slot's index */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the slot */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlotBody"];
                };
            };
            /** @description this is no index */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the slot is not open */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    slot_path: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the slot's index */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the slot and its path */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PathBody"];
                };
            };
            /** @description this is no index */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no final batch has opened the slot */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the final state is being read; ask again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    rollup_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the state */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the list; ether alone without an L1 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the list was not read yet, or this sequencer follows another one */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    submit_transactions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubmissionBody"];
                "application/octet-stream": components["schemas"]["Binary"];
            };
        };
        responses: {
            /** @description executed in a durable block; for an array, see each result */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubmissionAnswer"];
                    "application/octet-stream": components["schemas"]["Binary"];
                };
            };
            /** @description on its way or held in memory, not durable */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionStatus"];
                };
            };
            /** @description the path, the query or the body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description refused by the rule that the code names */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description too many of this owner's, or of all, are waiting; no batch may be opened now; or this address asks too often */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description overloaded, or stopping: what became of it is not known */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    transaction_status: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the signed message */
                id: components["schemas"]["AnyHash"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description how far it has come */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionStatus"];
                };
            };
            /** @description this is no id */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description neither in the log nor on its way; refusals are forgotten after a while */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    transaction_body: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the signed message */
                id: components["schemas"]["AnyHash"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description whom the transaction pays, and where it is in the log */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionBody"];
                };
            };
            /** @description this is no id */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description no durable block has the transaction */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the block is archived and not served here */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    verifying_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerifyingKeyBody"];
                };
            };
            /** @description proofs are development proofs, which no key verifies, or there is no L1 */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description reading or answering the request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description this address asks too often, or has too many connections */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description the database failed, or something inside */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description all connections are in use, or too many large bodies arrive; the process is stopping, or follows another one that serves the route */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
}
