import { encodeTrace, type TraceEncoding } from './encode-trace.ts';
import type { RequestFacts } from './request-facts.ts';
import { ShapeNotes } from './shape-notes.ts';
import { TraceShape } from './trace-shape.ts';

/** Shapes known at most, of all routes and of one. Each takes about 10 KB, and 64 KB where traces are as large as may be. */
const SHAPES_MAX = 256;
const SHAPES_OF_ROUTE_MAX = 8;
/** Traces larger than this are not worth one, bytes. */
const SHAPED_BYTES_MAX = 32_768;
/** Traces that fit a shape pay for learning others; what fits none pays little, so that where no two are alike hardly any is learned. */
const LEARNING_COST = 32;
const CREDIT_OF_FIT = 4;
const CREDIT_MAX = 1_024;

/** Encodes traces: those that are like one of before as the fill of its shape, which is far less work and fewer bytes. */
export class TraceShapes {
  readonly #byRoute = new Map<object | null, TraceShape[]>();
  #count = 0;
  #credit = CREDIT_MAX;

  /**
   * A trace as the shape that holds its fill, or as a ScopeSpans field of ResourceSpans; either is valid until the next call. All spans must be
   * closed. The masking has to be the same until shapes are forgotten.
   */
  encode(facts: RequestFacts, encoding: TraceEncoding): TraceShape | Uint8Array {
    const shapes = this.#byRoute.get(facts.request.route);
    if (shapes !== undefined) {
      for (let index = 0; index < shapes.length; index++) {
        const shape = shapes[index]!;
        if (!shape.fits(facts, encoding)) continue;
        if (index > 0) {
          shapes[index] = shapes[0]!;
          shapes[0] = shape;
        }
        this.#credit = Math.min(this.#credit + CREDIT_OF_FIT, CREDIT_MAX);
        return shape;
      }
    }
    if (this.#credit >= LEARNING_COST && isShapeable(facts)) return this.#learned(facts, encoding);
    this.#credit++;
    return encodeTrace(facts.record, encoding);
  }

  /** Forgets all shapes: texts are masked otherwise from now on, or routes are others. */
  clear(): void {
    this.#byRoute.clear();
    this.#count = 0;
  }

  #learned(facts: RequestFacts, encoding: TraceEncoding): Uint8Array {
    const notes = new ShapeNotes();
    const bytes = encodeTrace(facts.record, encoding, notes);
    if (bytes.length > SHAPED_BYTES_MAX) return bytes;
    this.#credit -= LEARNING_COST;
    if (this.#count === SHAPES_MAX) this.clear();
    const shape = new TraceShape(facts, encoding, bytes, notes);
    const { route } = facts.request;
    const shapes = this.#byRoute.get(route);
    if (shapes === undefined) this.#byRoute.set(route, [shape]);
    else if (shapes.length < SHAPES_OF_ROUTE_MAX) shapes.push(shape);
    else {
      shapes[shapes.length - 1] = shape;
      return bytes;
    }
    this.#count++;
    return bytes;
  }
}

/** Whether a trace like it can come again: what happened in its spans, and where a span was lost, does not. */
function isShapeable({ record }: RequestFacts): boolean {
  if (record.events.length > 0) return false;
  for (let index = 1; index < record.spanCount; index++) if (record.parentOf(index) < 0) return false;
  return true;
}
