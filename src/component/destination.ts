/** What DestinationAddress tells: to which of our addresses the datagram that is being delivered was sent. */
export class Destination {
  #captures = false;
  #connection = 0;
  #address = "";

  /** A socket is served from now on. */
  begin(captures: boolean): void {
    this.#captures = captures;
    this.#connection = 0;
    this.#address = "";
  }

  /** A datagram of this connection is being delivered. All of a connection's are sent to the same address. */
  delivering(connection: number, lookUp: () => string | undefined): void {
    if (!this.#captures || connection === this.#connection) return;
    this.#connection = connection;
    this.#address = lookUp() ?? "";
  }

  get isCaptured(): boolean {
    return this.#captures;
  }

  /** Of the last datagram; "" before the first one, and where this is not asked for. */
  get address(): string {
    return this.#address;
  }
}
