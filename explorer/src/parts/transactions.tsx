// The transactions of a block or a batch, a page at a time.

import { useState } from "preact/hooks";
import type { TransactionBody } from "sheaf-sdk";
import { useAnswer } from "../sequencer/answer.ts";
import { isMissingRoute, PAGE_ROWS, sequencer } from "../sequencer/sequencer.ts";
import { Amount } from "./amount.tsx";
import { BlockLink, Digits, OwnerLink, TransactionLink } from "./links.tsx";
import { Paging } from "./paging.tsx";
import { Answered, Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

interface TransactionsProps {
  of: "blocks" | "batches";
  number: number;
}

export function Transactions({ of, number }: TransactionsProps) {
  const [after, setAfter] = useState<string>();
  const page = { limit: PAGE_ROWS, ...(after === undefined ? {} : { after }) };
  const question = () =>
    of === "blocks"
      ? sequencer.blockTransactions(number, page)
      : sequencer.batchTransactions(number, page);
  const answer = useAnswer(question, `${number} ${after}`);
  if (isMissingRoute(answer.error)) {
    return (
      <Panel title="Transactions">
        <p class="faint">
          This sequencer is older than the page and does not list them. Search finds one by its id.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Transactions">
      <Answered answer={answer}>
        {({ transactions, next }) => (
          <>
            <Table
              caption="Transactions in their order"
              columns={[
                { title: "Transaction" },
                ...(of === "batches" ? [{ title: "Block" }] : []),
                { title: "From" },
                { title: "To" },
                { title: "Amount", isNumber: true },
              ]}
              rows={transactions}
              keyOf={({ id }) => id}
              cells={transaction => [
                <TransactionLink key="id" text={transaction.id} />,
                ...(of === "batches" ? [<BlockLink key="block" number={transaction.block} />] : []),
                <OwnerLink key="from" text={transaction.owner} />,
                <Recipient key="to" transaction={transaction} />,
                <Total key="amount" transaction={transaction} />,
              ]}
              empty="No transaction: the rest are requests of L1, such as deposits."
            />
            <Paging way="forward" place={after} next={next} go={setAfter} />
          </>
        )}
      </Answered>
    </Panel>
  );
}

function Recipient({ transaction: { transfer, withdrawal } }: { transaction: TransactionBody }) {
  if (withdrawal !== undefined) return <Digits text={withdrawal.recipient} />;
  const payments = transfer?.payments ?? [];
  const [only] = payments;
  return payments.length === 1 && only !== undefined ? (
    <OwnerLink text={only.owner} />
  ) : (
    <span>{payments.length} owners</span>
  );
}

function Total({ transaction: { transfer, withdrawal } }: { transaction: TransactionBody }) {
  const amounts = transfer?.payments.map(({ amount }) => amount) ?? [withdrawal?.amount ?? "0"];
  const total = amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
  return <Amount amount={total} token={(transfer ?? withdrawal)?.token ?? 0} />;
}
