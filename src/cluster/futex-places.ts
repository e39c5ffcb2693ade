/**
 * Where futexes are served. At first a page's futexes are served by the home of its block. A home that sees one node
 * alone use them lends them to it, with the waits that stand in their queues; from then on that node's calls leave it no
 * more. When another node calls, the home asks for them back and serves the call then.
 *
 * Nothing here depends on who owns the block: a wait looks at the word and enters the queue in one step wherever that is,
 * under a copy of the word that a later store must take away first. All messages between two nodes are in order, so
 * what the borrower sent before it heard of the loan comes to the home while that is lent, and is sent back to be
 * served by the borrower.
 */

/** Calls in a row by one node after which a page is lent; twice as many after each time that it had to come back. */
const callsBefore = 2;
const callsBeforeMax = 256;

/** A call that waits until the page is back. */
type Call = () => void;

interface Loan {
  readonly node: number;
  recalled: boolean;
  readonly waiting: Call[];
}

interface Use {
  node: number;
  calls: number;
  /** Calls in a row that a loan takes. */
  needed: number;
}

/** Instead of a node: what comes belongs to several, and has to be served by the home. */
export const nobody = -1;

/** What a home is to do with a call. */
export type Verdict = 'serve' | 'return to caller' | 'later';

export class FutexPlaces {
  readonly #node: number;
  readonly #homeOf: (page: number) => number;
  readonly #recall: (node: number, page: number) => void;
  /** Pages that this home has lent. */
  readonly #loans = new Map<number, Loan>();
  readonly #uses = new Map<number, Use>();
  /** Pages that this node has borrowed. */
  readonly #borrowed = new Set<number>();

  /** @param recall asks a node for a page that it has borrowed */
  constructor(node: number, homeOf: (page: number) => number, recall: (node: number, page: number) => void) {
    this.#node = node;
    this.#homeOf = homeOf;
    this.#recall = recall;
  }

  /** Whether this node serves a page now. */
  serves(page: number): boolean {
    return this.#homeOf(page) === this.#node ? !this.#loans.has(page) : this.#borrowed.has(page);
  }

  // ---- as home ------------------------------------------------------------------------------------------

  /** A call of `node`, or `nobody`, has come. @param call serves it; kept when that has to be later */
  arrive(page: number, node: number, call: Call): Verdict {
    const loan = this.#loans.get(page);
    if (!loan) {
      this.#note(page, node);
      return 'serve';
    }
    if (loan.node === node && !loan.recalled) return 'return to caller';
    loan.waiting.push(call);
    if (!loan.recalled) {
      loan.recalled = true;
      this.#recall(loan.node, page);
    }
    return 'later';
  }

  #note(page: number, node: number): void {
    const use = this.#uses.get(page);
    if (!use) this.#uses.set(page, { node, calls: 1, needed: callsBefore });
    else if (use.node === node) use.calls++;
    else {
      use.node = node;
      use.calls = 1;
    }
  }

  /** The node to which a page should be lent after the call that was just served. */
  borrowerOf(page: number): number | undefined {
    const use = this.#uses.get(page);
    return use && use.node !== this.#node && use.node !== nobody && use.calls >= use.needed ? use.node : undefined;
  }

  lend(page: number, node: number): void {
    this.#loans.set(page, { node, recalled: false, waiting: [] });
  }

  /** A page has come back. @returns the calls that have waited for it, in their order */
  takeBack(page: number): readonly Call[] {
    const { waiting } = this.#loans.get(page)!;
    this.#loans.delete(page);
    const use = this.#uses.get(page)!;
    use.calls = 0;
    use.needed = Math.min(2 * use.needed, callsBeforeMax);
    return waiting;
  }

  // ---- as borrower --------------------------------------------------------------------------------------

  borrow(page: number): void {
    this.#borrowed.add(page);
  }

  giveBack(page: number): void {
    this.#borrowed.delete(page);
  }

  /** Pages lent and borrowed, for the dump. */
  describe(): string[] {
    const page = (number: number): string => `futexes of page ${number.toString(16)}`;
    return [
      ...[...this.#loans].map(
        ([at, { node, recalled }]) => `${page(at)}: lent to node ${node}${recalled ? ', recalled' : ''}`,
      ),
      ...[...this.#borrowed].map((at) => `${page(at)}: borrowed`),
    ];
  }
}
