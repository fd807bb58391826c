// SPDX-License-Identifier: Apache-2.0

/**
 * Which rows of a long list are in sight.
 * @returns {first, last}, last being one too far
 */
export function rows_in_sight({ count, row_height, scroll_top, height }) {
  const spare = 4;
  const first = Math.floor(scroll_top / row_height) - spare;
  const last = Math.ceil((scroll_top + height) / row_height) + spare;
  return {
    first: Math.min(Math.max(0, first), count),
    last: Math.min(Math.max(0, last), count),
  };
}
