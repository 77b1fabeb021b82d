"""Officers and the talks they take: taking, answering, handing back; what they are told of in their own chats."""
