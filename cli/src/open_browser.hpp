// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace cosmo::cli {

/// Has the desktop open a page, if there is one. Failing is no fault.
void open_browser(const std::string& url);

} // namespace cosmo::cli
