import { IncomingMessage } from 'node:http'

/**
 * A request of whose body one piece is read in each turn of the event loop. Node would read two megabytes at once, and
 * accepts a single connection in each turn: floods would keep others from connecting.
 */
export class PacedRequest extends IncomingMessage {
  #isResting = false
  #isWanted = false
  /** Somebody reads it. Node takes a request of which more was asked for as read, and would not read past it. */
  #isRead = false

  /** Is called with each piece. False: nothing more is read for now. */
  override push(piece: unknown, encoding?: BufferEncoding): boolean {
    const isWanted = super.push(piece, encoding)
    if (piece === null) return isWanted
    this.#isWanted = isWanted
    // To stop once is enough.
    if (this.#isResting) return isWanted
    this.#isResting = true
    setImmediate(() => {
      this.#isResting = false
      if (this.#isRead && this.#isWanted && !this.complete) super._read(0)
    })
    return false
  }

  /** Is called where more is wanted. */
  override _read(size: number): void {
    this.#isRead = true
    if (this.#isResting) this.#isWanted = true
    else super._read(size)
  }

  /**
   * Node calls it where a body was not read before its answer, and would drop the rest in its parser, two megabytes at
   * once. Here whoever listens goes on to read.
   */
  _dump(): void {
    this.resume()
  }
}
