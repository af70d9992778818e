// Drives one core endpoint on an event loop: feeds it what arrives and the time, sends what it puts out, and
// hands its events to the owner, batch by batch.
//
// A batch is what one system call has read, or what the owner has asked for between two turns of the loop. At
// its end, in this order: datagrams leave, events are delivered, what the owner sent meanwhile leaves too,
// the timer is set. Outside of receiving and of the timer this happens before the loop blocks.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/endpoint.h"
#include "net/clocks.h"
#include "net/loop_context.h"
#include "net/udp_socket.h"

namespace dtls {

class EndpointDriver final : private UdpSocket::User {
 public:
  class Owner {
   public:
    // Never inside a call to the driver, never nested. May call anything of the driver, but not destroy it.
    virtual void deliver(const Events& events) = 0;
    // After close(), when the last events have been delivered. May destroy the driver.
    virtual void finished() = 0;

   protected:
    ~Owner() = default;
  };

  EndpointDriver(LoopContext& context, const EndpointSettings& settings, ConnectionId first_id, Owner& owner);
  ~EndpointDriver();
  EndpointDriver(const EndpointDriver&) = delete;
  EndpointDriver& operator=(const EndpointDriver&) = delete;

  // Once. Throws SystemError and leaves nothing behind.
  void bind(const BindOptions& options);
  // Disconnects all, sends what is to be sent and releases the address before it returns; what the kernel
  // does not take within 200 ms is lost and counted. The events of it come in a later turn, then finished().
  // Idempotent.
  void close();
  // As close(), but the owner is not called any more.
  void abandon();

  bool was_bound() const { return state_ != State::created; }
  // Null when not bound.
  UdpSocket* socket() { return socket_.get(); }
  const Endpoint& endpoint() const { return endpoint_; }

  // True where a send would find the outgoing queue full; counted.
  bool refuses_send(ConnectionId id);
  // Calls into the core, `call(Endpoint&, Instant now)`, and sees to what comes of it.
  template <typename Call>
  auto change(Call call);

 private:
  enum class State { created, bound, closing, closed };

  void on_datagram(ByteView datagram, const Address& peer, bool truncated) override;
  void on_batch_end() override;
  void on_receive_error(int status) override;
  void on_kernel_drops(std::uint32_t count) override { endpoint_.count(Counter::kernel_drops, count); }
  void on_send_refused(const Refusal& refusal) override;
  void on_network_error(const Address& peer, int status) override;
  void on_deadline();
  void on_turn();

  Instant now() const { return batch_time_ ? *batch_time_ : monotonic_now(); }
  void tell_wall_time(Instant now);
  void report_trouble(ConnectionId id, Fault fault, int status);
  void begin_batch();
  void end_batch();
  bool outbox_is_full();
  void flush();
  void count_sent(const Outbox& outbox, const std::vector<Refusal>& refused);
  void follow_connections();
  void connect_peer(ConnectionId id);
  void deliver();
  void set_timer();
  void settle();
  void wake();
  void release();

  LoopContext& context_;
  Owner& owner_;
  Endpoint endpoint_;
  State state_ = State::created;

  std::unique_ptr<UdpSocket> socket_;
  bool connects_peers_ = false;
  UvHandle<uv_timer_t> timer_;
  // Active when there is something to do before the loop blocks. An idle handle, not a prepare handle: it
  // runs in the same place, and keeps the loop from blocking if others have run before it.
  UvHandle<uv_idle_t> turn_;
  Instant timer_set_for_ = Instant::never();

  Instant wall_time_told_at_;
  std::optional<Instant> batch_time_;  // one reading of the clock serves a batch
  bool delivering_ = false;
  Events delivered_;  // swapped with the core's, so that calls during delivery find an empty list
  std::vector<Refusal> refused_;
  Instant quiet_until_{};  // trouble of the socket is reported once a second
};

template <typename Call>
auto EndpointDriver::change(Call call) {
  const Instant at = now();
  if constexpr (std::is_void_v<decltype(call(endpoint_, at))>) {
    call(endpoint_, at);
    settle();
  } else {
    auto result = call(endpoint_, at);
    settle();
    return result;
  }
}

}  // namespace dtls
