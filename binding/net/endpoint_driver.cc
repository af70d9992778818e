#include "net/endpoint_driver.h"

#include <string>
#include <utility>

#include "net/system_error.h"

namespace dtls {

namespace {

// What one sendmmsg takes, and about what a default send buffer does.
constexpr std::size_t outbox_datagrams = 64;
constexpr std::size_t outbox_bytes = std::size_t{64} * 1024;

// Events are delivered within a batch when they reach this: one slab full, and less than a table.
constexpr std::size_t events_bytes = std::size_t{32} * 1024;
constexpr std::size_t events_count = 256;

constexpr Duration trouble_pause = Duration::seconds(1);

// How far behind a step of the wall clock the core may be.
constexpr Duration wall_time_age = Duration::seconds(1);

}  // namespace

EndpointDriver::EndpointDriver(LoopContext& context, const EndpointSettings& settings, ConnectionId first_id,
                               Owner& owner)
    : context_(context), owner_(owner), endpoint_(settings, first_id, monotonic_now()) {
  tell_wall_time(monotonic_now());
}

EndpointDriver::~EndpointDriver() { abandon(); }

void EndpointDriver::bind(const BindOptions& options) {
  UvHandle<uv_timer_t> timer(context_.open_handles(), "timer", this,
                             [this](uv_timer_t* handle) { return uv_timer_init(context_.loop(), handle); });
  UvHandle<uv_idle_t> turn(context_.open_handles(), "idle", this,
                           [this](uv_idle_t* handle) { return uv_idle_init(context_.loop(), handle); });
  socket_ = UdpSocket::open(context_, options, static_cast<UdpSocket::User&>(*this));
  connects_peers_ = options.connect_peers;
  timer_ = std::move(timer);
  turn_ = std::move(turn);
  state_ = State::bound;
  context_.add(*this);
  wake();
}

void EndpointDriver::close() {
  if (state_ == State::created) {
    state_ = State::closed;
  }
  if (state_ != State::bound) {
    return;
  }
  state_ = State::closing;
  endpoint_.close_all(now());
  socket_->close(endpoint_.outbox(), refused_);
  count_sent(endpoint_.outbox(), refused_);
  endpoint_.count(Counter::sends_failed, refused_.size());
  endpoint_.outbox().clear();
  refused_.clear();
  socket_.reset();
  timer_.close();
  wake();
}

void EndpointDriver::abandon() {
  close();
  release();
}

// --- what the loop tells

void EndpointDriver::on_datagram(ByteView datagram, const Address& peer, bool truncated) {
  begin_batch();
  endpoint_.receive(datagram, peer, *batch_time_, truncated);
  settle();
  if (endpoint_.events().bytes().size() >= events_bytes || endpoint_.events().list().size() >= events_count) {
    deliver();
    batch_time_ = monotonic_now();
  }
}

void EndpointDriver::on_batch_end() { end_batch(); }

void EndpointDriver::on_receive_error(int status) {
  begin_batch();
  report_trouble(0, Fault::internal, status);
  end_batch();
}

void EndpointDriver::report_trouble(ConnectionId id, Fault fault, int status) {
  if (now() >= quiet_until_) {
    quiet_until_ = now() + trouble_pause;
    endpoint_.events().add(EventKind::error, id, std::string_view(error_text(status)), 0,
                           static_cast<std::int32_t>(fault), -status);
  }
}

void EndpointDriver::on_send_refused(const Refusal& refusal) {
  endpoint_.send_failed(refusal.id, -refusal.status, error_text(refusal.status), now());
  wake();
}

void EndpointDriver::on_network_error(const Address& peer, int status) {
  endpoint_.network_error(peer, -status, error_text(status), now());
  wake();
}

void EndpointDriver::on_deadline() {
  timer_set_for_ = Instant::never();
  begin_batch();
  endpoint_.advance(*batch_time_);
  end_batch();
}

void EndpointDriver::on_turn() {
  begin_batch();
  end_batch();
  if (state_ == State::closing && !delivering_ && endpoint_.events().empty()) {
    release();
    owner_.finished();
  }
}

// --- batches

void EndpointDriver::begin_batch() {
  if (!batch_time_) {
    batch_time_ = monotonic_now();
    if (*batch_time_ - wall_time_told_at_ >= wall_time_age) {
      tell_wall_time(*batch_time_);
    }
    // libuv may stop reading without a word when a socket stays busy: the turn ends the batch then.
    wake();
  }
}

void EndpointDriver::tell_wall_time(Instant now) {
  endpoint_.set_wall_time(wall_now(), now);
  wall_time_told_at_ = now;
}

void EndpointDriver::end_batch() {
  flush();
  deliver();
  flush();
  batch_time_.reset();
  if (state_ == State::bound) {
    set_timer();
    if (endpoint_.events().empty()) {
      uv_idle_stop(turn_.get());
    }
  }
}

bool EndpointDriver::outbox_is_full() {
  const Outbox& outbox = endpoint_.outbox();
  return outbox.list().size() >= outbox_datagrams || outbox.byte_count() >= outbox_bytes;
}

void EndpointDriver::flush() {
  Outbox& outbox = endpoint_.outbox();
  if (outbox.empty()) {
    return;
  }
  if (socket_) {
    socket_->send(outbox, refused_);
    count_sent(outbox, refused_);
  }
  outbox.clear();
  for (const Refusal& refusal : refused_) {
    endpoint_.send_failed(refusal.id, -refusal.status, error_text(refusal.status), now());
  }
  refused_.clear();
}

void EndpointDriver::count_sent(const Outbox& outbox, const std::vector<Refusal>& refused) {
  std::size_t bytes = outbox.byte_count();
  for (const Refusal& refusal : refused) {
    bytes -= refusal.size;
  }
  endpoint_.count(Counter::datagrams_sent, outbox.list().size() - refused.size());
  endpoint_.count(Counter::bytes_sent, bytes);
}

// Sockets of their own for connections, where they are asked for.
void EndpointDriver::follow_connections() {
  if (!connects_peers_ || !socket_) {
    return;
  }
  const std::vector<Event>& events = endpoint_.events().list();
  // By number: trouble adds events.
  for (std::size_t i = 0, count = events.size(); i < count; ++i) {
    const Event event = events[i];
    if (event.kind == EventKind::disconnected) {
      socket_->disconnect_peer(event.id);
    } else if (event.kind == EventKind::connected) {
      connect_peer(event.id);
    }
  }
}

void EndpointDriver::connect_peer(ConnectionId id) {
  const std::optional<Address> peer = endpoint_.peer_of(id);
  if (!peer || !endpoint_.is_open(id)) {
    return;  // it has ended already
  }
  try {
    socket_->connect_peer(*peer, id);
  } catch (const SystemError& error) {
    // The common socket serves it too. Too many open files, most likely.
    report_trouble(id, Fault::no_own_socket, error.status);
  }
}

void EndpointDriver::deliver() {
  if (delivering_ || endpoint_.events().empty()) {
    return;
  }
  follow_connections();
  delivering_ = true;
  std::swap(delivered_, endpoint_.events());
  owner_.deliver(delivered_);
  delivered_.clear();
  delivering_ = false;
}

bool EndpointDriver::refuses_send(ConnectionId id) {
  // What is to be said of any other id is the core's to say, whatever the queue holds.
  if (!socket_ || !socket_->blocked() || !endpoint_.is_open(id)) {
    return false;
  }
  endpoint_.count(Counter::sends_blocked);
  return true;
}

void EndpointDriver::set_timer() {
  const Instant deadline = endpoint_.next_deadline();
  if (deadline == timer_set_for_) {
    return;
  }
  timer_set_for_ = deadline;
  if (deadline == Instant::never()) {
    uv_timer_stop(timer_.get());
    return;
  }
  const std::uint64_t due = loop_time_of(deadline);
  const std::uint64_t present = uv_now(context_.loop());
  uv_timer_start(
      timer_.get(), [](uv_timer_t* handle) { static_cast<EndpointDriver*>(handle->data)->on_deadline(); },
      due > present ? due - present : 0, 0);
}

void EndpointDriver::settle() {
  if (outbox_is_full()) {
    flush();
  }
  // The end of a batch that is under way sees to everything.
  if (!batch_time_) {
    wake();
  }
}

void EndpointDriver::wake() {
  if (turn_) {
    uv_idle_start(turn_.get(),
                  [](uv_idle_t* handle) { static_cast<EndpointDriver*>(handle->data)->on_turn(); });
  }
}

void EndpointDriver::release() {
  socket_.reset();
  timer_.close();
  turn_.close();
  state_ = State::closed;
  context_.remove(*this);
}

}  // namespace dtls
