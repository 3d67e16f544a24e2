/** How a request was answered. What the mock itself did to it is no offence of the client. */
export interface Answered {
  /** Null: the connection was dropped. */
  status: number | null
  /** Whether it is the answer of authentik, and all of it. */
  isOwn: boolean
  /** Whether somebody else answers it on purpose: a stub, or another server. */
  isElsewhere: boolean
  /** Whether anything happened to it that would make a client ask again. */
  isDisturbed: boolean
}
