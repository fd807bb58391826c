// SPDX-License-Identifier: Apache-2.0

export const reconnect_delay = 2000;

/**
 * A WebSocket that comes back two seconds after it has closed, until it is
 * ended.
 * @param open makes the socket
 * @param events {message(text), state("connecting" | "connected" |
 *   "reconnecting")}
 * @param later as setTimeout
 */
export class Connection {
  #open;
  #events;
  #later;
  #socket = null;
  #has_ended = false;

  // A browser's own setTimeout does not let itself be called as a method.
  constructor(open, events, later = (...call) => setTimeout(...call)) {
    this.#open = open;
    this.#events = events;
    this.#later = later;
    this.#events.state("connecting");
    this.#connect();
  }

  #connect() {
    if (this.#has_ended)
      return;
    const socket = this.#open();
    this.#socket = socket;
    const is_current = () => !this.#has_ended && socket === this.#socket;
    socket.onopen = () => {
      if (is_current())
        this.#events.state("connected");
    };
    socket.onmessage = ({ data }) => {
      if (is_current() && typeof data === "string")
        this.#events.message(data);
    };
    socket.onclose = () => {
      if (!is_current())
        return;
      this.#events.state("reconnecting");
      this.#later(() => this.#connect(), reconnect_delay);
    };
  }

  end() {
    this.#has_ended = true;
    this.#socket.close();
  }
}
