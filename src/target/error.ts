/** The target is there, but is not what was asked for: no authentik, another token, a list that ends too early. */
export class TargetError extends Error {
  override name = 'TargetError'
}

/** The target does not answer, or only says that it cannot now. */
export class UnreachableError extends Error {
  override name = 'UnreachableError'
}
