"""Structured logs: JSON, or pretty on a terminal. No customer data: only keys on a list are written.

Every line of a handled record carries topic, partition, offset and correlation id, bound by the consumer.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Literal

import structlog

# Ids, numbers and words of our own. A key that is not here is written as "(scrubbed)".
ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "version", "problem", "where", "advice",
        "topic", "topics", "partition", "partitions", "offset", "group", "correlation_id", "event_type", "kind",
        "count", "seconds", "attempt", "bucket", "buckets", "port", "host", "path", "status", "signal", "migration",
        "letter", "letters", "notice_id", "case_id", "episode_id", "command_type", "code", "revision", "channel",
        "sqlstate", "error", "lag", "state", "key_id", "person_id", "scopes", "days",
    }
)  # fmt: skip

_PLACE_TO_FILL = re.compile(r"%(?:%|(?:\([^)]*\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[hlL]?[a-zA-Z])")  # printf's


def _scrub(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in line.keys() - ALLOWED:
        line[key] = "(scrubbed)"
    return line


def _describe_exception(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and place: messages of pydantic and Postgres print customer data."""
    raised = line.pop("exc_info", None)
    error = sys.exc_info()[1] if raised is True else raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        line["where"] = place(error)
        if state := getattr(error, "sqlstate", None):
            line["sqlstate"] = state
    return line


def _fixed_words(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave of what libraries say the fixed words of the first line: what they fill in may be customer data.

    asyncio and uvicorn print exceptions, data and all, below the first line.
    """
    words = str(line["event"]).split("\n", 1)[0]
    filled_in = line.pop("positional_args", ())
    line["event"] = _PLACE_TO_FILL.sub(lambda place: "%" if place[0] == "%%" else "…", words) if filled_in else words
    return line


def _crashed(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    """Log what ends the process instead of printing it: its message may hold customer data."""
    if isinstance(error, KeyboardInterrupt):
        return
    structlog.get_logger(__name__).critical("crashed", exc_info=error)


def place(error: BaseException) -> str:
    """Return file and line of ours where the error arose, or the innermost ones."""
    trace = error.__traceback__
    frames = []
    while trace is not None:
        frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    ours = [frame for frame in frames if "/services/" in frame[0] or "/shared/" in frame[0]]
    if not frames:
        return "unknown"
    file, line = (ours or frames)[-1]
    return f"{'/'.join(file.split('/')[-3:])}:{line}"


def configure(service: str, *, format_: Literal["json", "pretty", "auto"], level: str) -> None:
    """Send structlog's and the standard library's lines to standard output in one form."""
    pretty = format_ == "pretty" or (format_ == "auto" and sys.stdout.isatty())
    shared_steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _describe_exception,
        _scrub,
    ]
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(service=service)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_fixed_words, *shared_steps],
            use_get_message=False,  # nothing is filled in
            pass_foreign_args=True,  # to `_fixed_words`, which drops them
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("aiokafka", "faststream", "uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    sys.excepthook = _crashed
