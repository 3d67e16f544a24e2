const MAX_REMEMBERED = 1000

/** What was set last, up to a thousand of it. */
export class Recent<Value = true> extends Map<string, Value> {
  override set(key: string, value: Value): this {
    this.delete(key)
    super.set(key, value)
    if (this.size > MAX_REMEMBERED) this.delete(this.keys().next().value as string)
    return this
  }
}
