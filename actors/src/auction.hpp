// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/dispatch.hpp>
#include <cosmo/signal.hpp>

#include <caf/actor_addr.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cosmo::actors {

/// The bids for one offer, and who is to get the work.
///
/// A plain class: windows, awards and Signals are its owner's business.
/// @source dendrite.md section 14.1
class auction {
public:
  struct bid {
    /// The BID itself.
    signal sig;
    std::string neuron_id;
    payload::bid terms;
    /// As far as there was a number.
    std::optional<double> cost = {};
    /// Who served the Neuron when it bid, if that is known here.
    caf::actor_addr host = {};
  };

  auction(std::string offer_id, bid_selection select)
    : offer_id_(std::move(offer_id)), select_(select) {
    // nop
  }

  /// Takes a Signal; whatever is no bid for this offer, or comes too late, does
  /// not count. @returns the bid that was added.
  bid* add(const signal& sig);

  /// Whether the window is of no use any more.
  bool decided() const noexcept {
    return closed_ || (select_ == bid_selection::first_bid && !bids_.empty());
  }

  /// Ends the window.
  void close() noexcept {
    closed_ = true;
  }

  bool closed() const noexcept {
    return closed_;
  }

  /// Removes and returns the best bid that is left.
  std::optional<bid> take_best();

  /// Those that are left, in order of arrival.
  const std::vector<bid>& rest() const noexcept {
    return bids_;
  }

private:
  bool better(const bid& x, const bid& y) const;

  std::string offer_id_;
  bid_selection select_;
  bool closed_ = false;
  std::vector<bid> bids_;
};

} // namespace cosmo::actors
