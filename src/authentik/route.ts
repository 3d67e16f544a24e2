/** What is to be known of a route by whoever looks at a request. */
export interface Route {
  /** Its name in the journal; undefined: it is not part of the API. */
  route?: string
  /** What comes before its methods. */
  before: readonly unknown[]
  methods: Record<string, { operationId?: string }>
}
