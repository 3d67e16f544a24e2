/** The target is there, but is not what was asked for: no authentik, another token, a list that ends too early. */
export class UpstreamError extends Error {
  override name = 'UpstreamError'
}

/** The token may not read what was asked for. */
export class RefusedError extends UpstreamError {}

/** The target does not answer, or only says that it cannot now. */
export class UnreachableError extends Error {
  override name = 'UnreachableError'
}

/** An answer is no HTTP, or more than is read. To ask again would not help. */
export class AnswerError extends Error {
  override name = 'AnswerError'
  readonly allowed: string

  constructor(message: string, allowed = 'an authentik') {
    super(message)
    this.allowed = allowed
  }
}

/** An answer did not come to its end in time. */
export class TimeoutError extends Error {
  override name = 'TimeoutError'
}
