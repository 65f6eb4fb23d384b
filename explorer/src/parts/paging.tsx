// The way through a list that is read from its beginning.

/** A place in a list: after a page, by that page's `next`; the first page without. */
export interface Place<Cursor> {
  after?: Cursor;
}

/** Buttons to the first page and to the next one. */
export function Paging<Cursor>({
  place,
  next,
  go,
}: {
  place: Place<Cursor>;
  next: Cursor | null | undefined;
  go: (place: Place<Cursor>) => void;
}) {
  return (
    <div class="acts">
      {place.after !== undefined && (
        <button type="button" onClick={() => go({})}>
          The first
        </button>
      )}
      {next != null && (
        <button type="button" onClick={() => go({ after: next })}>
          More
        </button>
      )}
    </div>
  );
}
