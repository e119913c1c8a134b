# Events of Amazon ECS for ecs-why-bot. A rule sends what may be a failure to a queue, and what nobody can read to another.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

resource "aws_sqs_queue" "events" {
  name_prefix             = "ecs-why-"
  sqs_managed_sse_enabled = true
  # For as long nobody else gets a message: the bot deletes it as soon as its event is on the disk, in milliseconds.
  visibility_timeout_seconds = 120
  receive_wait_time_seconds  = 20
  # As long as the bot may be away.
  message_retention_seconds = 345600
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name_prefix               = "ecs-why-dead-letters-"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

# Only EventBridge may send, and only for these rules.
data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.events.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.stopped_tasks.arn, aws_cloudwatch_event_rule.services.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.url
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_cloudwatch_event_rule" "stopped_tasks" {
  name_prefix = "ecs-why-stopped-tasks-"
  description = "Tasks that stopped"
  event_pattern = jsonencode({
    source        = ["aws.ecs"]
    "detail-type" = ["ECS Task State Change"]
    detail        = { lastStatus = ["STOPPED"] }
  })
}

resource "aws_cloudwatch_event_rule" "services" {
  name_prefix = "ecs-why-services-"
  description = "What services say of themselves and of their deployments"
  event_pattern = jsonencode({
    source        = ["aws.ecs"]
    "detail-type" = ["ECS Deployment State Change", "ECS Service Action"]
  })
}

resource "aws_cloudwatch_event_target" "stopped_tasks" {
  rule = aws_cloudwatch_event_rule.stopped_tasks.name
  arn  = aws_sqs_queue.events.arn
}

resource "aws_cloudwatch_event_target" "services" {
  rule = aws_cloudwatch_event_rule.services.name
  arn  = aws_sqs_queue.events.arn
}

output "queue_url" {
  description = "queue-url in [alerts]"
  value       = aws_sqs_queue.events.url
}

output "dead_letter_url" {
  description = "dead-letter-url in [alerts]"
  value       = aws_sqs_queue.dead_letters.url
}
