// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace cosmo::net {

/// Appends a text as the inside of a JSON string, in ASCII alone: upstream's
/// reader of TypeScript takes multi-byte characters apart.
/// @returns false, with `out` as it was, if the text is not UTF-8.
/// @source synapse-and-cli.md section 5.2
bool append_escaped(std::string& out, std::string_view text);

/// Appends the text that the inside of a JSON string stands for.
/// @returns false, with `out` as it was, if that is none: a broken escape, half
///          a surrogate pair, a quote, a control character, not UTF-8.
bool append_unescaped(std::string& out, std::string_view raw);

} // namespace cosmo::net
