"""What is counted, in a registry of the app's own, for Prometheus. No label holds anything a person typed."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder

from api.schemas.responses import AnswerOut

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class Metrics:
    """The counters of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "footnote_http_requests",
            "Requests, by route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.questions = Counter(
            "footnote_questions", "Questions, by what became of them.", ["status"], registry=self.registry
        )
        self.refusals = Counter("footnote_refusals", "Refusals, by reason.", ["reason"], registry=self.registry)
        self.stages = Histogram(
            "footnote_stage_seconds",
            "Time a question spent in each stage.",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.feedback = Counter("footnote_feedback", "Answers people judged.", ["helpful"], registry=self.registry)
        self.in_flight = Gauge("footnote_in_flight", "Requests being worked on.", registry=self.registry)
        self.uploads = Counter(
            "footnote_uploads", "Uploaded files, by what became of them.", ["status"], registry=self.registry
        )
        self.unrecorded = Counter(
            "footnote_unrecorded_answers", "Answers that could not be kept for feedback.", registry=self.registry
        )

    def answered(self, answer: AnswerOut) -> None:
        """Count an answer or a refusal, with the time of its stages."""
        self.questions.labels(answer.status).inc()
        if answer.refusal:
            self.refusals.labels(answer.refusal.reason).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self.stages.labels(stage).observe(milliseconds / 1000)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The metrics in the text format the client prefers, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type
