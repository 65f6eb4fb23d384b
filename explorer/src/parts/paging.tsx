// The way through a list, page by page.

/** What the buttons say: of a list from its beginning, and of one that shows the newest first. */
const NAMES = {
  forward: { first: "The first", next: "More" },
  back: { first: "The newest", next: "Older" },
};

/** Buttons to the first page, which has no place, and to the next one, if there is one. */
export function Paging<Place>({
  way,
  place,
  next,
  go,
}: {
  way: keyof typeof NAMES;
  place: Place | undefined;
  next: Place | null | undefined;
  go: (place: Place | undefined) => void;
}) {
  return (
    <div class="acts">
      {place !== undefined && (
        <button type="button" onClick={() => go(undefined)}>
          {NAMES[way].first}
        </button>
      )}
      {next != null && (
        <button type="button" onClick={() => go(next)}>
          {NAMES[way].next}
        </button>
      )}
    </div>
  );
}
